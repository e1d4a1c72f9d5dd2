"""What a trial costs beside the user's own training: the slope of whole studies over trials.

Start-up, data and report are the same in a short and in a long study, so they fall out of the
difference. Eight trials are asked for at once; `ofc run` and Ray have no more processes than cores
for them. The peers are Optuna with its RDB storage (SQLite) and eight processes, and Ray Tune. All
processes are counted, also those that outlive their parents, which Ray's do.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import machine, table

HERE = Path(__file__).parent
FEW, MANY, ROUNDS, WORKERS = 24, 224, 3, 8
SPEC = """\
apiVersion: omniforce.dev/v1alpha1
kind: OmniForce
metadata: {{name: overhead}}
spec:
  data: {{source: "sklearn://iris", target: species}}
  algorithm: {{estimator: "noop_estimator:Noop", metrics: [accuracy]}}
  searchSpace: {{x: 0.0...1.0}}
  objectives: [maximize accuracy]
  search: {{strategy: {strategy}, budget: {{trials: {trials}}}, parallelism: {workers}}}
"""
OPTUNA = """
import sys, multiprocessing as m, optuna
url, trials, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
optuna.logging.set_verbosity(optuna.logging.ERROR)
def work(count):
    study = optuna.load_study(study_name="s", storage=url, sampler=optuna.samplers.RandomSampler())
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=count)
optuna.create_study(study_name="s", storage=url, direction="maximize")
pool = [m.Process(target=work, args=(trials // workers,)) for _ in range(workers)]
[p.start() for p in pool]; [p.join() for p in pool]
"""
PR_SET_CHILD_SUBREAPER = 36


def _adopt_orphans() -> None:
    """Has the system give this process the children of its children that end, to be counted."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _await_orphans(seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)


def _cost(command: list[str], folder: str) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall = time.perf_counter() - start
    _await_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def _ours(trials: int, strategy: str) -> tuple[float, float]:
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as folder:
        spec = SPEC.format(trials=trials, strategy=strategy, workers=WORKERS)
        (Path(folder) / "omniforce.yaml").write_text(spec)
        return _cost([ofc, "run", "-f", "omniforce.yaml"], folder)


def _optuna(trials: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/study.db"
        return _cost([sys.executable, "-c", OPTUNA, url, str(trials), str(WORKERS)], folder)


def _ray(trials: int) -> tuple[float, float]:
    # ray's sockets must have short names, whatever TMPDIR is
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        peer = [sys.executable, str(HERE / "tune_peer.py"), str(trials), str(WORKERS), folder, "0"]
        return _cost(peer, folder)


def main() -> None:
    """Prints the table."""
    _adopt_orphans()
    ways = {
        "ofc run, random": lambda n: _ours(n, "random"),
    }
    if importlib.util.find_spec("optuna"):
        ways["Optuna, RDB storage, processes"] = _optuna
    else:
        print("optuna: skipped, needs `pip install optuna`", file=sys.stderr)
    if importlib.util.find_spec("ray"):
        ways["Ray Tune"] = _ray
    else:
        print("ray: skipped, needs `pip install 'ray[tune]'`", file=sys.stderr)
    slopes: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            few, many = way(FEW), way(MANY)
            count = MANY - FEW
            slopes[name].append(((many[0] - few[0]) / count, (many[1] - few[1]) / count))
    print(f"{machine()}; medians of {ROUNDS} rounds, {WORKERS} at once, slope over {MANY - FEW}\n")
    ours = statistics.median(cpu for cpu, _ in slopes["ofc run, random"])
    rows = [
        (
            name,
            f"{1e3 * statistics.median(c for c, _ in taken):.1f}",
            f"{1e3 * statistics.median(w for _, w in taken):.1f}",
            f"{ours / statistics.median(c for c, _ in taken):.2f}",
        )
        for name, taken in slopes.items()
    ]
    print(table(("way", "CPU ms a trial", "wall ms a trial", "ours / its CPU"), rows))


if __name__ == "__main__":
    main()
