"""A cluster on a simulated clock: the real engine and the real store, workers as a list of times.

A discrete-event loop stands for the workers. Each takes its lease, says that it runs and reports,
all in the store; whatever happens wakes the engine, as `trial.completed` does on a cluster. What
a trial finds out, and how long that takes, comes from a table.
"""

from __future__ import annotations

import heapq
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.engine import advance
from omniforce.runtime.store.store import LEASE_SECONDS, Store
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.spec.space import Assignment
from omniforce.strategies.table import make

START_SECONDS = 1.5
"""From a proposed trial to its first line of code, as seen on a real Knative with Jobs."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one training takes and gives."""

    seconds: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Done:
    """A trial that came through, at its simulated time."""

    at: float
    point: Assignment
    metrics: Mapping[str, float]


@dataclass(slots=True)
class Cluster:
    """One study on so many workers.

    Attributes:
        train: what a point takes and gives.
        enough: asked after each trial that came through whether the study may be left.
        killed: the share of the trials whose worker dies while they train.
        controller: CPU seconds of the engine, its strategy and its store.
        reports: CPU seconds of the workers' own calls of the store.
    """

    program: Program
    workers: int
    train: Callable[[Assignment], Run]
    enough: Callable[[list[Done]], bool]
    killed: float = 0.0
    seed: int = 0
    done: list[Done] = field(default_factory=list)
    controller: float = 0.0
    reports: float = 0.0
    proposed: int = 0
    dead: int = 0
    busy: float = 0.0
    now: float = 0.0

    def run(self) -> None:
        """Runs the study until it is over, or enough."""
        with tempfile.TemporaryDirectory() as folder:
            store = Store.at(Path(folder) / "study.db")
            try:
                store.create_study(self.program.name, "{}", "sha256:0", 0.0)
                self._loop(store)
            finally:
                store.close()

    def _loop(self, store: Store) -> None:
        name, free = self.program.name, self.workers
        chance = Random(f"{self.seed}/faults")
        queue: deque[tuple[int, int]] = deque()
        happens: list[tuple[float, int, Callable[[float], None]]] = []
        count, began = 0, dict[tuple[int, int], float]()

        def at(moment: float, what: Callable[[float], None]) -> None:
            nonlocal count
            count += 1
            heapq.heappush(happens, (moment, count, what))

        def start(trial: int, attempt: int, now: float) -> None:
            nonlocal free
            worker = f"w{trial}-{attempt}"
            dies, silent = chance.random() < self.killed, chance.random() < 0.5
            share = chance.random()
            lease = store.lease(name, trial, attempt, worker, 1e6, now)
            if lease is None:
                return
            run = self.train(lease.point)
            end = now + START_SECONDS + run.seconds * (share if dies else 1.0)
            held = end - now + LEASE_SECONDS  # as if it had beaten until then
            store.heartbeat(name, trial, attempt, worker, held, now + START_SECONDS, "running")
            free -= 1
            began[trial, attempt] = now
            report = TrialReport(outcome="completed", metrics=run.metrics, seconds=run.seconds)

            def over(moment: float) -> None:
                nonlocal free
                free += 1
                self.busy += moment - began.pop((trial, attempt))
                if not dies:
                    store.finish(name, trial, attempt, report, moment)
                    self.done.append(Done(moment, lease.point, run.metrics))
                    return
                self.dead += 1
                if not silent:
                    lost = failed("lost-worker", "its node went away", run.seconds * share)
                    store.finish(name, trial, attempt, lost, moment)

            at(end, over)

        at(0.0, lambda _: None)
        while happens:
            self.now, _, happened = heapq.heappop(happens)
            clock = time.process_time()
            happened(self.now)
            self.reports += time.process_time() - clock
            if self.done and self.enough(self.done):
                break
            clock = time.process_time()
            step = advance(store, self.program, make, self.now)
            self.controller += time.process_time() - clock
            if step.step in ("completed", "over"):
                break
            self.proposed += len(step.proposed)
            queue.extend((number, 1) for number in step.proposed)
            if step.retried:
                trials = store.trials(name)
                queue.extend((number, trials[number].attempt) for number in step.retried)
            clock = time.process_time()
            while queue and free:
                start(*queue.popleft(), self.now)
            self.reports += time.process_time() - clock
            if step.wake is not None and not any(m <= step.wake for m, _, _ in happens[:1]):
                at(max(step.wake, self.now), lambda _: None)
        self.busy += sum(self.now - moment for moment in began.values())


def program_of(spec: str) -> Program:
    """The compiled program of a spec."""
    compiled = compile_study(load(Source("omniforce.yaml", spec)), catalogue())
    if compiled.program is None or any(d.severity == "error" for d in compiled.diagnostics):
        raise SystemExit("\n".join(f"{d.code}: {d.message}" for d in compiled.diagnostics))
    return compiled.program
