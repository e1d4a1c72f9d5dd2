"""The search on this machine: the engine says what comes next, the pool runs it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from omniforce.spec.blocks.search import Budget
from omniforce.spec.problem import Problem
from omniforce.targets.platforms.local.plan import LocalPlan

from ..budget import budget_of
from ..early_stopping import EarlyStopping
from ..engine import Advance, StrategyFactory, advance
from ..retries import retries_of
from ..store.store import LEASE_SECONDS, Store
from ..store.trial import EndReason, Trial
from ..trial.asking import arguments_of, wanted_metrics
from ..trial.contract import Phase, TrialReport, TrialRequest, seed_of
from ..trial.removing import remove
from .home import Home
from .pool import Entered, Finished, Happening, Reported, TrialPool
from .progress import Progress
from .standing import standing

PAUSED = "OFC780"

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL for a trial that nobody waits for."""

_BEAT = LEASE_SECONDS / 3
_SHOWN = 0.5  # seconds between two views while nothing happens


class Revised(Exception):  # noqa: N818 - what happened to the spec
    """Somebody has changed the study's spec; what runs on would answer the old one."""


@dataclass(slots=True)
class LocalSearch:
    """One run of a search to its end; may be stopped at any moment and run again."""

    plan: LocalPlan
    store: Store
    home: Home
    pool: TrialPool
    strategies: StrategyFactory
    progress: Progress
    checkpoint: Callable[[], None]
    _waiting: list[Trial] = field(default_factory=list)
    _running: dict[int, TrialRequest] = field(default_factory=dict)
    _beaten: float = 0.0
    _acted: int = 0
    _budget: Budget | None = None
    _listening: EarlyStopping = field(init=False)

    def __post_init__(self) -> None:
        """What trials report is heard by one listener, which remembers those that are over."""
        plan = self.plan
        self._listening = EarlyStopping(self.store, plan.program.name, plan.search)

    def run(self) -> EndReason | None:
        """Runs trials until the study is over; gives the reason.

        Raises:
            Problem: the store, the disk or the estimator is at fault, or somebody paused the study;
                what was finished is kept.
            Revised: the study has another spec by now.
        """
        name, began = self.plan.program.name, time.time()
        self._acted = self.store.last_action(name)
        self.store.requeue(name, began)
        before = sum(1 for trial in self.store.trials(name) if trial.is_settled and trial.counts)
        self._budget = self._allowed()
        acted = self._acted
        ended: list[int] = []
        while True:
            self.checkpoint()
            step = advance(self.store, self.plan.program, self.strategies, time.time())
            if step.step in ("completed", "over"):
                if ended:
                    self._show(ended, self.store.trials(name), began, before)
                return step.reason
            trials = self.store.trials(name)
            if acted != self._acted:
                self._budget = self._allowed()
            acted = self._acted
            self._show(ended, trials, began, before)
            if step.step == "paused":
                raise _paused(name)
            self._waiting = [
                trial
                for trial in trials
                if trial.state == "proposed" and trial.requested <= time.time()
            ]
            self._make_room(trials)
            self._start()
            ended = self._await(step, trials, began, before)

    def _allowed(self) -> Budget | None:
        """The budget by now: people may have added to it."""
        program = self.plan.program
        record = self.store.study(program.name)
        return None if record is None else budget_of(program, record.extra)

    def _show(self, ended: list[int], trials: tuple[Trial, ...], began: float, before: int) -> None:
        """Tells how the search stands, and of the trials that are over since."""
        search = self.plan.search
        self.progress.stands(
            search, standing(search, trials, began, time.time(), before, self._budget)
        )
        for number in ended:
            self.progress.ended(search, trials[number])

    def _make_room(self, trials: tuple[Trial, ...]) -> None:
        """Ends trials that their round did not wait for, where their workers are needed."""
        late = {trial.number for trial in trials if trial.state == "timed-out"}
        for number in sorted(late & set(self._running)):
            if self.pool.free >= len(self._waiting):
                return
            self.pool.cancel(number)
            self._forget(self._running[number])

    def _start(self) -> None:
        while self._waiting and self.pool.free:
            trial = self._waiting.pop(0)
            if self.pool.cancel(trial.number):  # an older attempt that the engine gave up
                self._forget(self._running[trial.number])
            request = self._request(trial)
            lease = self.store.lease(
                request.study,
                request.trial,
                request.attempt,
                _worker(request),
                LEASE_SECONDS,
                time.time(),
            )
            if lease is None:
                continue
            self._running[trial.number] = request
            self.pool.start(request, self.home.log_of(trial.number))

    def _request(self, trial: Trial) -> TrialRequest:
        search, home = self.plan.search, self.home
        directory = home.work_of(trial.number)
        remove(directory)
        directory.mkdir()
        return TrialRequest(
            study=self.plan.program.name,
            trial=trial.number,
            attempt=trial.attempt,
            arguments=arguments_of(search, trial.present_point),
            algorithm=search.algorithm,
            data=str(home.data),
            seed=seed_of(search.seed, trial.number),
            devices=search.devices,
            metrics=wanted_metrics(search),
            model_dir=str(directory),
            timeout=search.timeout,
            memory=None if search.resources is None else search.resources.memory,
            exclusive=str(home.measuring),
        )

    def _await(
        self, step: Advance, trials: tuple[Trial, ...], began: float, before: int
    ) -> list[int]:
        """Waits until trials end, whose numbers it gives, or the engine wants to be asked again."""
        free = self.pool.free
        while True:
            now = time.time()
            if step.wake is not None and step.wake <= now:
                return []
            left = _SHOWN if step.wake is None else min(_SHOWN, step.wake - now)
            happened = self.pool.wait(left)
            self.checkpoint()
            self._beat()
            # First what has happened, which nobody will tell again, then what people did.
            ended = [n for n in map(self._take, happened) if n is not None]
            if self._heed() or ended:
                return ended
            if not self._running and (self._waiting or step.wake is None):
                return []
            if self._waiting and self.pool.free > free:  # a worker more than there was
                return []
            self._show([], trials, began, before)

    def _take(self, happening: Happening) -> int | None:
        """Writes down what happened; the trial's number where it is over."""
        request = happening.request
        match happening:
            case Entered(phase=phase):
                self._tell(request, phase)
            case Reported(points=points):
                worker = _worker(request)
                if self._listening.hear(
                    request.trial, request.attempt, worker, points, time.time()
                ):
                    self.pool.stop(request.trial)
            case Finished(report=report):
                self._finish(request, report)
                return request.trial
        return None

    def _heed(self) -> bool:
        """Whether people did something to the study since; trials that they ended are told.

        Raises:
            Revised: the study has another spec by now.
        """
        acted = self.store.last_action(self.plan.program.name)
        if acted == self._acted:
            return False
        self._acted = acted
        record = self.store.study(self.plan.program.name)
        if record is not None and record.digest != self.plan.program.digest:
            raise Revised
        for request in tuple(self._running.values()):
            self._tell(request, None)
        return True

    def _tell(self, request: TrialRequest, phase: Phase | None) -> None:
        wanted = self.store.heartbeat(
            request.study,
            request.trial,
            request.attempt,
            _worker(request),
            LEASE_SECONDS,
            time.time(),
            phase,
        )
        if wanted == "stop":
            self.pool.stop(request.trial)
        if wanted == "abandon" and self.pool.cancel(request.trial, GRACE):
            self._forget(request)

    def _finish(self, request: TrialRequest, report: TrialReport) -> None:
        if report.failure_class is not None:
            with self.home.log_of(request.trial).open("a", encoding="utf-8") as log:
                log.write(f"\n-- {report.failure_class}: {report.message}\n")
        self.store.finish(
            request.study,
            request.trial,
            request.attempt,
            report,
            time.time(),
            retries=retries_of(self.plan.search),
        )
        self._forget(request)

    def _beat(self) -> None:
        """Moves all leases on, three times in the time that they last.

        By the clock that leases go by: after a machine has slept, this comes before the engine
        finds them expired.
        """
        if time.time() - self._beaten < _BEAT:
            return
        self._beaten = time.time()
        for request in tuple(self._running.values()):
            self._tell(request, None)

    def _forget(self, request: TrialRequest) -> None:
        self._running.pop(request.trial, None)
        remove(Path(request.model_dir))


def _paused(study: str) -> Problem:
    return Problem(
        PAUSED,
        f"the study `{study}` is paused, and what was under way is over",
        f"`ofc resume {study}`, then `ofc run` goes on with it",
    )


def _worker(request: TrialRequest) -> str:
    """A name that no other worker has: one attempt of one run."""
    return f"{os.uname().nodename}-{os.getpid()}-{request.trial}-{request.attempt}"
