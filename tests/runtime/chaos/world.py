"""A whole study whose every handler is a process that may be killed, over a network that lies.

Time is virtual and lies in a file, so that an hour's delay takes none. Each delivery of an event
is a process of its own (a fork), which runs the real search function or the real trial Job against
the real store and sends to a real broker over HTTP. Which faults happen is drawn from a seed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omniforce.compiler.events import (
    PING,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
)
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import Event, from_text, ping_source, study_started, to_text
from omniforce.runtime.fault_points import POINTS, VARIABLE
from omniforce.runtime.functions.search import Search
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import StudyRecord, Trial
from omniforce.runtime.trial.contract import TrialReport, TrialRequest
from omniforce.runtime.trial.job import Surroundings, main
from omniforce.spec.plain.values import to_plain

TICK_SECONDS = 130.0
AGAIN = 75  # how a child says that the event is to be sent again
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Faults:
    """How often each goes wrong, as a share."""

    kill: float = 0.0
    lose: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    together: float = 0.0
    silent: float = 0.0
    frozen: float = 0.0
    down: float = 0.0
    skew: float = 0.0  # seconds, at most


@dataclass
class World:
    """One study; `run` delivers until it is over and nothing is under way."""

    address: str
    directory: Path
    program: Program
    strategy: Callable[[], Any]
    faults: Faults
    seed: int
    fault: str | None = None  # of the first delivery that reaches it
    now: float = 1000.0
    pending: list[tuple[float, int, Event]] = field(default_factory=list)
    frozen: list[int] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    deaths: int = 0
    freezes: int = 0
    deliveries: int = 0
    disturb: Callable[[World], None] = lambda _: None
    meanwhile: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for each in ("broker", "study", "trained", "acknowledged", "data"):
            (self.directory / each).mkdir(parents=True)
        (self.directory / "study" / "study.json").write_text(json.dumps(to_plain(self.program)))
        (self.directory / "study" / "tick.json").write_text('{"metadata": {"name": "s-tick"}}')
        self._set_time(self.now)

    # The network and the clock

    def run(self, most: int = 4000) -> tuple[StudyRecord, tuple[Trial, ...]]:
        self._start_broker()
        try:
            self._offer(study_started("s", self.now))
            for _ in range(most):
                self._collect()
                if self._is_over():
                    return self._end()
                self.disturb(self)
                self._next()
            raise AssertionError(f"not over after {most} deliveries: {self._look()}")
        finally:
            for process in self.frozen:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
            self._broker.kill()
            self._broker.wait()

    def _start_broker(self) -> None:
        place = self.directory / "broker"
        script = Path(__file__).with_name("broker.py")
        self._broker = subprocess.Popen([sys.executable, str(script), str(place)])
        while not (place / "port").exists():
            assert self._broker.poll() is None
            time.sleep(0.01)
        self._url = f"http://127.0.0.1:{(place / 'port').read_text()}/"

    def _collect(self) -> None:
        """Takes what came to the broker; the network does with it what it wants."""
        for file in sorted((self.directory / "broker").glob("*.json")):
            event = from_text(file.read_bytes())
            file.unlink()
            self.seen.add(event.type)
            if not self._happens(self.faults.lose):
                self._offer(event)
            if self._happens(self.faults.double):
                self._offer(event)

    def _offer(self, event: Event, tries: int = 0) -> None:
        later = 3600.0 if self._happens(self.faults.delay) else 0.0
        self.pending.append((self.now + later, tries, event))

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _next(self) -> None:
        self._thaw()
        down = self.directory / "broker" / "down"
        if self._happens(self.faults.down):
            down.touch()
        else:
            down.unlink(missing_ok=True)
        due = [each for each in self.pending if each[0] <= self.now]
        if not due:
            self._set_time(self.now + TICK_SECONDS)
            self._deliver([(self.now, 0, self._tick())])
            return
        count = 2 if len(due) > 1 and self._happens(self.faults.together) else 1
        chosen = self.random.sample(due, count)
        for each in chosen:
            self.pending.remove(each)
        self._set_time(self.now + self.random.random())
        self._deliver(chosen)

    def _tick(self) -> Event:
        source = ping_source("ns", "s-tick")
        return Event(id=f"tick-{self.now}", source=source, type=PING, data={})

    def _set_time(self, now: float) -> None:
        self.now = now
        fresh = self.directory / "now.new"
        fresh.write_text(repr(now))
        fresh.rename(self.directory / "now")

    def clock(self, skew: float) -> float:
        return float((self.directory / "now").read_text()) + skew

    # Processes

    def _deliver(self, chosen: list[tuple[float, int, Event]]) -> None:
        processes = [(self._fork(event), tries, event) for _, tries, event in chosen]
        if self.meanwhile is not None:
            self.meanwhile, act = None, self.meanwhile
            act()
        for process, tries, event in processes:
            status = self._wait(process)
            self.deliveries += 1
            if status is None:
                continue  # stopped in the midst of a training; it comes back later
            self.deaths += status == KILLED
            assert status in (0, AGAIN, KILLED), (event, status)
            if status and event.type != PING and tries < 5:
                self.pending.append((self.now + 2.0**tries, tries + 1, event))

    def _wait(self, process: int) -> int | None:
        _, status = os.waitpid(process, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            self.frozen.append(process)
            self.freezes += 1
            return None
        return os.waitstatus_to_exitcode(status)

    def _thaw(self) -> None:
        """Has one that was silent come back, its lease long over."""
        if self.frozen and self._happens(0.2):
            process = self.frozen.pop(0)
            os.kill(process, signal.SIGCONT)
            self._wait(process)

    def _fork(self, event: Event) -> int:
        fault = self.fault
        if fault is None and self._happens(self.faults.kill):
            fault = f"{self.random.choice(POINTS)}:{self.random.randint(1, 6)}"
        skew = self.random.uniform(-1.0, 1.0) * self.faults.skew
        fate = self.random.random()
        process = os.fork()
        if process:
            return process
        status = 70
        try:
            os.environ.pop(VARIABLE, None)
            if fault is not None:
                os.environ[VARIABLE] = fault
            status = self._child(event, skew, fate)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)

    def _environment(self) -> dict[str, str]:
        return {
            "OFC_STUDY": "s",
            "OFC_NAMESPACE": "ns",
            "OFC_BROKER": self._url,
            "OFC_STORE_URL": self.address,
            "OFC_CONFIG": str(self.directory / "study"),
            "OFC_DATA": str(self.directory / "data"),
        }

    def _child(self, event: Event, skew: float, fate: float) -> int:
        if event.type == TRIAL_REQUESTED:
            return self._train(event, skew, fate)
        if event.type not in (STUDY_STARTED, TRIAL_COMPLETED, PING):
            return 0
        from omniforce.spec.problem import Problem

        search = Search(lambda _: self.strategy(), clock=lambda: self.clock(skew))
        search.start(self._environment())
        try:
            return 0 if search.receive(event).status < 300 else AGAIN
        except Problem:
            return AGAIN  # as the server answers: 503

    def _train(self, event: Event, skew: float, fate: float) -> int:
        mounted = self.directory / f"event-{os.getpid()}"
        mounted.mkdir()
        (mounted / "event").write_text(to_text(event))
        trained: list[str] = []

        def execute(request: TrialRequest, entering: Callable[[Any], None]) -> TrialReport:
            name = f"{request.trial}-{request.attempt}"
            (self.directory / "trained" / f"{name}-{os.getpid()}").touch()
            entering("running")
            if fate < self.faults.silent:
                os.kill(os.getpid(), signal.SIGKILL)
            elif fate < self.faults.silent + self.faults.frozen:
                os.kill(os.getpid(), signal.SIGSTOP)
            trained.append(name)
            return TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)

        around = Surroundings(execute, lambda: self.clock(skew), os._exit, (0.01, 0.01))
        environment = self._environment() | {"K_EVENT_PATH": str(mounted)}
        status = main(environment, around)
        if status == 0:
            for name in trained:
                (self.directory / "acknowledged" / name).touch()
        return status if status == 0 else AGAIN

    # What must hold

    def _look(self) -> tuple[StudyRecord | None, tuple[Trial, ...]]:
        store = Store.open(self.address)
        try:
            return store.study("s"), store.trials("s")
        finally:
            store.close()

    def _is_over(self) -> bool:
        record, _ = self._look()
        return record is not None and record.state == "completed" and STUDY_COMPLETED in self.seen

    def _end(self) -> tuple[StudyRecord, tuple[Trial, ...]]:
        record, trials = self._look()
        assert record is not None
        starts: dict[str, int] = {}
        for file in (self.directory / "trained").iterdir():
            name = file.name.rpartition("-")[0]
            starts[name] = starts.get(name, 0) + 1
        twice = sorted(name for name, count in starts.items() if count > 1)
        assert twice == [], f"trained twice under one lease: {twice}"
        for file in (self.directory / "acknowledged").iterdir():
            number, attempt = map(int, file.name.split("-"))
            trial = trials[number]
            if trial.attempt == attempt:
                assert trial.state in ("completed", "timed-out"), (file.name, trial)
                assert trial.metrics == {"accuracy": 0.5}, (file.name, trial)
        assert [trial.number for trial in trials] == list(range(len(trials)))
        return record, trials
