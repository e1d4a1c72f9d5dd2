"""`ofc run --on ray` beside Ray Tune: 200 trials of 50 ms, each peer on a local Ray of its own.

Both search at random, with as many trials at once as there are cores. The whole is timed, from
the start of the process to its end: Ray's own start, and for `ofc` also preparing the data, the
chosen model's training and the report. All processes are counted, also those that outlive their
parents; memory is the largest sum of what they had at one time, shared pages shared out.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from measure import machine, table

HERE = Path(__file__).parent
TRIALS, ROUNDS, AT_ONCE = 200, 3, max(2, min(8, os.cpu_count() or 2))
SPEC = f"""\
apiVersion: omniforce.dev/v1alpha1
kind: OmniForce
metadata: {{name: sleeping}}
spec:
  data: {{source: "sklearn://iris", target: species}}
  algorithm: {{estimator: "sleeping_estimator:Sleeping", metrics: [accuracy]}}
  searchSpace: {{x: 0.0...1.0}}
  objectives: [maximize accuracy]
  search:
    strategy: random
    budget: {{trials: {TRIALS}}}
    parallelism: {AT_ONCE}
"""
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one whole run: seconds, seconds of CPU, MB."""

    wall: float
    cpu: float
    memory: float


def _descendants(process: int) -> list[int]:
    found = [process]
    for each in found:
        with contextlib.suppress(OSError, ValueError):
            for thread in os.listdir(f"/proc/{each}/task"):
                text = Path(f"/proc/{each}/task/{thread}/children").read_text(encoding="ascii")
                found.extend(int(child) for child in text.split())
    return found[1:]


def _memory() -> float:
    """MB of all children and theirs, each shared page divided among those who share it."""
    total = 0
    for process in _descendants(os.getpid()):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
            total += sum(int(s.split()[1]) for s in rollup.splitlines() if s.startswith("Pss:"))
    return total / 1024


class _Watched:
    """Looks at the memory once a second while the block runs."""

    def __enter__(self) -> _Watched:
        self.most, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            self.most = max(self.most, _memory())


def _await_orphans(seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)


def _cost(command: list[str], folder: str) -> Cost:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # beside the estimator's folder stands this file, which is not Ray
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with _Watched() as watched:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall = time.perf_counter() - start
    _await_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall, cpu, watched.most)


def _ours() -> Cost:
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "omniforce.yaml").write_text(SPEC, encoding="utf-8")
        name = "sleeping_estimator.py"
        (Path(folder) / name).write_bytes((HERE / name).read_bytes())
        return _cost([ofc, "run", "--on", "ray", "--no-serve"], folder)


def _tune() -> Cost:
    # ray's sockets must have short names, whatever TMPDIR is
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        peer = [sys.executable, str(HERE / "tune_peer.py"), str(TRIALS), str(AT_ONCE)]
        return _cost([*peer, folder, "0.05"], folder)


def main() -> None:
    """Prints the table."""
    if not find_spec("ray") or not find_spec("pyarrow"):
        sys.exit("needs `pip install 'ray[tune]'`")
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    taken: dict[str, list[Cost]] = {"ofc run --on ray": [], "Ray Tune": []}
    for _ in range(ROUNDS):
        taken["ofc run --on ray"].append(_ours())
        taken["Ray Tune"].append(_tune())
    print(
        f"{machine()}; medians of {ROUNDS} rounds, {TRIALS} trials of 50 ms, {AT_ONCE} at once; "
        f"the trials alone: {TRIALS * 0.05 / AT_ONCE:.1f} s\n"
    )
    middle = {
        name: Cost(
            statistics.median(c.wall for c in costs),
            statistics.median(c.cpu for c in costs),
            statistics.median(c.memory for c in costs),
        )
        for name, costs in taken.items()
    }
    peer = middle["Ray Tune"]
    rows = [
        (
            name,
            f"{cost.wall:.1f}",
            f"{cost.wall / peer.wall:.2f}",
            f"{cost.cpu:.1f}",
            f"{cost.memory:.0f}",
        )
        for name, cost in middle.items()
    ]
    print(table(("way", "seconds", "of Tune's", "CPU seconds", "MB of all processes"), rows))


if __name__ == "__main__":
    main()
