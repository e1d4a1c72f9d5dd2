"""From an event to the next suggestion: real functions behind HTTP, from zero and warm.

From zero: the process is started, `study.started` or `trial.completed` is its first event, and the
clock stops when the next trials are committed. Warm: the same process gets one event after the
other. CPU is the process's own, start included. How long the sender is held stands beside what one
commit to the same store takes. The peer is a bare func-python function that says hello.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from measure import machine, table

from omniforce.compiler.cli.composition import PLATFORMS, Chosen, catalogue, load_spec
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.events import to_binary, trial_completed
from omniforce.runtime.http_client import NoAnswer, request
from omniforce.runtime.retries import Retries
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport
from omniforce.targets.platforms.kubernetes.study_files import study_files

ROUNDS, WARM, BEFORE = 7, 30, 12
SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {{name: events}}
spec:
  data: {{source: "sklearn://iris", target: species}}
  algorithm: {{use: tabular/learner@1, arguments: {{family: mlp}}}}
  searchSpace:
    width: int 4...256 log
    layers: int 1...4
    learning_rate: float 1e-4...1e-1 log
    dropout: float 0...0.5
  objectives: [maximize accuracy]
  search: {{strategy: {strategy}, budget: {{trials: 1000}}, parallelism: 1, seed: 1}}
"""
HELLO = """
from func_python import http
class Hello:
    async def handle(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
def new():
    return Hello()
http.serve(new)
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one event took, in seconds and MB.

    Attributes:
        held: how long its sender waited for the answer.
        wall: until the next trial was committed.
    """

    held: float
    wall: float
    cpu: float
    memory: float


def cpu_of(process: int) -> float:
    """Seconds of CPU so far."""
    text = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def switches(process: int) -> int:
    """How often its threads were woken so far."""
    found = 0
    for status in Path(f"/proc/{process}/task").glob("*/status"):
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                found += int(line.split()[1])
    return found


class Process:
    """A function's process on a port of its own."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        port, descriptor = listening.getsockname()[1], listening.fileno()
        self.url = f"http://127.0.0.1:{port}/"
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._process = subprocess.Popen(
            command,
            env={**kept, **environment, "LISTEN_ADDRESS": f"fd://{descriptor}"},
            pass_fds=(descriptor,),
            stderr=subprocess.DEVNULL,
        )
        listening.close()

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return cpu_of(self._process.pid)

    def memory(self) -> float:
        """MB resident at most so far."""
        text = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in text.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def ask(
        self, headers: dict[str, str], body: bytes, path: str = "", method: str = "POST"
    ) -> int:
        """One request; gives the status."""
        url = self.url + path
        return request(method, url, headers=headers, body=body, timeout=60.0).status

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait()


class _Taker(BaseHTTPRequestHandler):
    """A broker that takes everything and hands on nothing."""

    def do_POST(self) -> None:
        """Answers 202."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:
        """Nothing."""


class Study:
    """A study with some trials behind it, in a store of its own."""

    def __init__(self, strategy: str, before: int) -> None:
        self._broker = ThreadingHTTPServer(("127.0.0.1", 0), _Taker)
        threading.Thread(target=self._broker.serve_forever, args=(0.05,), daemon=True).start()
        self._folder = tempfile.TemporaryDirectory(prefix="ofc-events-")
        folder = Path(self._folder.name)
        spec = folder / "omniforce.yaml"
        spec.write_text(SPEC.format(strategy=strategy))
        loaded = load_spec(Chosen((str(spec),), {}))
        program = compile_study(loaded, catalogue(), PLATFORMS["local"]().target).program
        assert program is not None
        for name, text in study_files(program).items():
            (folder / name).write_text(text)
        self.address = f"sqlite:///{folder / 'study.db'}"
        self.environment = {
            "OFC_STUDY": "events",
            "OFC_NAMESPACE": "ns",
            "OFC_BROKER": f"http://127.0.0.1:{self._broker.server_address[1]}/",
            "OFC_STORE_URL": self.address,
            "OFC_CONFIG": str(folder),
            "OMP_NUM_THREADS": "1",
        }
        self.store = Store.open(self.address)
        if before:
            text = (folder / "study.json").read_text()
            self.store.create_study("events", text, program.digest, time.time())
            for number in range(before):
                self._propose(number)
                self.finish(number)
            self._propose(before)

    def _propose(self, number: int) -> None:
        point = {
            "width": 4 + 7 * number % 250,
            "layers": 1 + number % 4,
            "learning_rate": 10.0 ** (-4 + 3 * (number * 0.37 % 1.0)),
            "dropout": number * 0.21 % 0.5,
        }
        with self.store.lock("events") as session:
            session.propose([point], time.time())

    def finish(self, number: int) -> None:
        """Has a trial trained."""
        now, score = time.time(), 0.5 + 0.4 * (number * 0.61 % 1.0)
        self.store.lease("events", number, 1, "w", 600.0, now)
        self.store.heartbeat("events", number, 1, "w", 600.0, now, "running")
        report = TrialReport(outcome="completed", metrics={"accuracy": score}, seconds=1.0)
        self.store.finish("events", number, 1, report, now + 1.0, (), Retries())

    def commit(self, number: int) -> float:
        """Seconds that one commit of the kind that an event makes takes."""
        began = time.perf_counter()
        self.store.mark_handled("events", trial_completed("events", 10**6 + number, 1, 0.0), 0.0)
        return time.perf_counter() - began

    def await_trial(self, number: int) -> None:
        """Returns once this trial is committed, and with it the event that asks for it."""
        while len(self.store.trials("events")) <= number:
            time.sleep(0.001)

    def close(self) -> None:
        """Removes it."""
        self._broker.shutdown()
        self._broker.server_close()
        self.store.close()
        self._folder.cleanup()


COMMAND = [sys.executable, "-m", "omniforce.runtime.app"]


@contextmanager
def _searching(study: Study) -> Iterator[Process]:
    process = Process(COMMAND, study.environment | {"OFC_FUNCTION": "search"})
    try:
        yield process
    finally:
        process.close()


def _next(study: Study, process: Process, trial: int, cpu: float) -> Taken:
    """Sends the news of one trial, and waits for the next."""
    study.finish(trial)
    headers, body = to_binary(trial_completed("events", trial, 1, time.time()))
    began = time.perf_counter()
    process.ask(headers, body)
    held = time.perf_counter() - began
    study.await_trial(trial + 1)
    wall = time.perf_counter() - began
    time.sleep(0.02)  # what it does once the trial is committed is its work as well
    return Taken(held, wall, process.cpu() - cpu, process.memory())


def from_zero(strategy: str) -> Taken:
    """The first event of a process, its start included."""
    study = Study(strategy, BEFORE)
    try:
        study.finish(BEFORE)
        began = time.perf_counter()
        with _searching(study) as process:
            headers, body = to_binary(trial_completed("events", BEFORE, 1, time.time()))
            process.ask(headers, body)
            held = time.perf_counter() - began
            study.await_trial(BEFORE + 1)
            wall = time.perf_counter() - began
            time.sleep(0.05)
            return Taken(held, wall, process.cpu(), process.memory())
    finally:
        study.close()


def warm(strategy: str) -> tuple[list[Taken], list[float]]:
    """One event after the other to one process; and what a commit takes meanwhile."""
    study = Study(strategy, BEFORE)
    taken: list[Taken] = []
    commits: list[float] = []
    try:
        with _searching(study) as process:
            for number in range(WARM + 2):
                each = _next(study, process, BEFORE + number, process.cpu())
                commits.append(study.commit(number))
                if number > 1:
                    taken.append(each)
        return taken, commits
    finally:
        study.close()


def hello() -> Taken:
    """The peer: a bare function from zero to its first answer."""
    began = time.perf_counter()
    process = Process([sys.executable, "-c", HELLO], {})
    try:
        process.ask({}, b"")
        wall = time.perf_counter() - began
        return Taken(wall, wall, process.cpu(), process.memory())
    finally:
        process.close()


def ready(function: str) -> Taken:
    """A function from its start until it says that it is ready, or why it is not."""
    study = Study("sobol", 1)
    began = time.perf_counter()
    process = Process(COMMAND, study.environment | {"OFC_FUNCTION": function})
    try:
        while True:
            try:
                process.ask({}, b"", "health/readiness", "GET")
                break
            except NoAnswer:
                time.sleep(0.01)
        wall = time.perf_counter() - began
        return Taken(wall, wall, process.cpu(), process.memory())
    finally:
        process.close()
        study.close()


def idle(seconds: float = 5.0) -> list[tuple[str, str]]:
    """What `ofc functions serve` does while nothing happens."""
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "omniforce.yaml").write_text(SPEC.format(strategy="sobol"))
        serving = subprocess.Popen(
            [ofc, "functions", "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE
        )
        assert serving.stdout is not None
        address = serving.stdout.readline().decode().strip()
        try:
            answer = request("GET", f"{address}/functions", headers={}, timeout=30.0)
            standing = json.loads(answer.body)
            time.sleep(1.0)
            woken, cpu = switches(serving.pid), cpu_of(serving.pid)
            time.sleep(seconds)
            woken, cpu = switches(serving.pid) - woken, cpu_of(serving.pid) - cpu
        finally:
            serving.terminate()
            serving.wait()
    awake = sum(each["process"] is not None for each in standing["functions"])
    return [
        ("functions awake", str(awake)),
        ("ticks", "one" if standing["tick"] else "none"),
        (f"wakeups of the server in {seconds:g} s", str(woken)),
        (f"its CPU in {seconds:g} s", f"{cpu:.2f} s"),
    ]


def _p(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _row(name: str, taken: Sequence[Taken]) -> tuple[str, ...]:
    walls, held = [t.wall for t in taken], [t.held for t in taken]
    return (
        name,
        f"{1e3 * statistics.median(walls):.0f}",
        f"{1e3 * _p(walls, 0.95):.0f}",
        f"{1e3 * statistics.median(held):.1f}",
        f"{1e3 * _p(held, 0.95):.1f}",
        f"{1e3 * statistics.mean(t.cpu for t in taken):.0f}",
        f"{max(t.memory for t in taken):.0f}",
    )


def main() -> None:
    """Prints the tables."""
    ways = {
        "func-python hello, from zero": hello,
        "sobol, from zero": lambda: from_zero("sobol"),
        "bayesian, from zero": lambda: from_zero("bayesian"),
        **{f"ready: {name}": lambda name=name: ready(name) for name in FUNCTIONS},
    }
    found: dict[str, list[Taken]] = {name: [] for name in ways}
    for count in range(ROUNDS + 1):
        for name, way in ways.items():
            taken = way()
            if count:
                found[name].append(taken)
    rows = [_row(name, taken) for name, taken in found.items()]
    commits: list[float] = []
    for strategy in ("sobol", "bayesian"):
        steps, committed = warm(strategy)
        rows.insert(3, _row(f"{strategy}, warm", steps))
        commits += committed
    print(f"{machine()}; {ROUNDS} rounds in turn, {WARM} warm events, {BEFORE} trials before\n")
    head = ("way", "ms p50", "ms p95", "held p50", "held p95", "CPU ms", "MB")
    print(table(head, rows))
    print(
        f"\nOne commit to the same store takes {1e3 * statistics.median(commits):.1f} ms p50, "
        f"{1e3 * _p(commits, 0.95):.1f} ms p95.\n"
    )
    print(table(("idle", ""), idle()))


FUNCTIONS = ("search", "dispatch", "measure", "advise", "api", "deadletter")


if __name__ == "__main__":
    main()
