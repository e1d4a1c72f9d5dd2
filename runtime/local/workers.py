"""The pool: as many worker processes as trials run at once, each replaced when it is lost."""

from __future__ import annotations

import os
import selectors
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, cast

from omniforce.spec.problem import Problem

from ..trial import files
from ..trial.as_json import report_from_json, request_to_json
from ..trial.contract import FailureClass, TrialReport, TrialRequest, failed
from ..trial.output import masked, secrets_of, tail_of
from ..trial.pushed import figures_of, points_of
from .endings import ending, keep_short, mebibytes
from .memory import killings, resident, resident_family
from .pool import Entered, Finished, Happening, PoolOptions, Reported
from .process import WorkerProcess

_LOOK = 0.25  # seconds between two looks at deadlines and memory while trials run
_LOADING = 300.0  # seconds that importing the estimator may take
STOP_PATIENCE = 10.0
"""Seconds that a trial has to end by itself, once it was asked to."""


@dataclass(slots=True)
class _Running:
    request: TrialRequest
    log: Path
    began: float
    resident: int  # bytes of the worker when the trial began
    killings: int  # of the kernel, for want of memory, until then
    latest: dict[str, float] = field(default_factory=dict)
    stopped: float | None = None  # when it was asked to end


@dataclass(slots=True)
class _Worker:
    process: WorkerProcess
    started: float
    ready: bool = False
    fresh: int = 0  # bytes of real memory before its first trial
    running: _Running | None = None


@dataclass(slots=True)
class _Ending:
    process: WorkerProcess
    trial: int
    until: float


@dataclass(slots=True)
class WorkerPool:
    """Runs trials in processes, each watched for its time, its memory and its life.

    Use it in a `with`: at the end no process of it is left.
    """

    options: PoolOptions
    _workers: list[_Worker] = field(default_factory=list)
    _ending: list[_Ending] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _secrets: tuple[str, ...] = field(default_factory=lambda: secrets_of(os.environ))

    def __enter__(self) -> Self:
        for _ in range(self.options.size):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        # All first and then each, so that no worker's last breath delays another's.
        for worker in self._workers:
            worker.process.end()
        for each in self._ending:
            each.process.end()
        self._workers.clear()
        self._ending.clear()
        self._selector.close()

    @property
    def free(self) -> int:
        """How many more trials can be started now."""
        return sum(1 for worker in self._workers if worker.running is None)

    @property
    def ready(self) -> int:
        """How many workers have imported the estimator."""
        return sum(1 for worker in self._workers if worker.ready)

    @property
    def running(self) -> tuple[TrialRequest, ...]:
        """The trials that run now, by number."""
        found = (w.running.request for w in self._workers if w.running is not None)
        return tuple(sorted(found, key=lambda request: request.trial))

    @property
    def ending(self) -> int:
        """How many processes have been asked to end and are still there."""
        return len(self._ending)

    def start(self, request: TrialRequest, log: Path) -> None:
        """Starts a trial; there must be a free worker, and a ready one is taken first."""
        self._await_ends(lambda ending: ending.trial == request.trial)
        files.clear(request)
        free = [worker for worker in self._workers if worker.running is None]
        worker = next((w for w in free if w.ready), free[0])
        memory = resident(worker.process.pid)
        worker.running = _Running(request, log, time.monotonic(), memory, killings())
        worker.process.run(request_to_json(request), log)

    def wait(self, seconds: float) -> tuple[Happening, ...]:
        """What happened by the first happening, or until `seconds` have passed.

        Raises:
            Problem: the estimator cannot be imported, or the disk is full.
        """
        until = time.monotonic() + seconds
        while True:
            found = (*self._answers(min(until - time.monotonic(), _LOOK)), *self._lost())
            if found or time.monotonic() >= until:
                return found

    def stop(self, trial: int) -> bool:
        """Asks a trial to end early, by a file that it looks for. False where it does not run."""
        running = self._running(trial)
        if running is None:
            return False
        if running.stopped is None:
            running.stopped = time.monotonic()
            files.ask_to_stop(running.request)
        return True

    def cancel(self, trial: int, grace: float = 0.0) -> bool:
        """Ends a trial that runs, in `grace` seconds; its worker is replaced at once."""
        for worker in self._workers:
            if worker.running is not None and worker.running.request.trial == trial:
                self._replace(worker, grace)
                return True
        return False

    def _running(self, trial: int) -> _Running | None:
        found = (w.running for w in self._workers if w.running is not None)
        return next((running for running in found if running.request.trial == trial), None)

    def _start(self) -> None:
        options = self.options
        process = WorkerProcess(options.log, options.environment, options.without)
        process.load(options.estimator, options.path, options.measures, options.command)
        worker = _Worker(process, time.monotonic())
        self._workers.append(worker)
        self._selector.register(process.answers, selectors.EVENT_READ, worker)

    def _replace(self, worker: _Worker, grace: float = 0.0) -> int | None:
        """Ends a worker, now or after a grace, and starts another; gives how it ended if it has."""
        self._selector.unregister(worker.process.answers)
        self._workers.remove(worker)
        status = None
        if grace > 0 and worker.running is not None:
            worker.process.ask_to_end()
            until, trial = time.monotonic() + grace, worker.running.request.trial
            self._ending.append(_Ending(worker.process, trial, until))
        else:
            status = worker.process.end()
        if worker.running is not None and status is not None:
            files.clear(worker.running.request)
        self._start()
        return status

    def _await_ends(self, at_once: Callable[[_Ending], bool]) -> None:
        """Ends what was asked to end: where its time is up, nothing of it is left, or at once."""
        for each in tuple(self._ending):
            late = time.monotonic() >= each.until
            if late or each.process.is_gone() or at_once(each):
                each.process.end()
                self._ending.remove(each)

    def _answers(self, seconds: float) -> tuple[Happening, ...]:
        happenings: list[Happening] = []
        for key, _ in self._selector.select(max(0.0, seconds)):
            worker = cast("_Worker", key.data)
            for message in worker.process.read():
                happenings.extend(self._understood(worker, message))
        return tuple(happenings)

    def _understood(self, worker: _Worker, message: Mapping[str, Any]) -> Iterator[Happening]:
        match message["kind"]:
            case "ready":
                worker.ready, worker.fresh = True, resident(worker.process.pid)
                if worker.running is not None:  # its time begins now, and not with the imports
                    worker.running.began = time.monotonic()
                    worker.running.resident = worker.fresh
            case "problem":
                raise Problem(message["code"], message["message"], message["help"])
            case "phase" if worker.running is not None:
                yield Entered(worker.running.request, message["phase"])
            case "points" if worker.running is not None:
                yield Reported(worker.running.request, points_of(message["points"]))
            case "latest" if worker.running is not None:
                worker.running.latest.update(figures_of(message["metrics"]))
            case "done" if worker.running is not None:
                running, worker.running = worker.running, None
                report = report_from_json(message["report"])
                if self._is_worn(worker, running.request, report):
                    self._replace(worker)
                yield self._over(running, report)
            case _:
                pass  # what a trial says after its end concerns nobody

    def _over(self, running: _Running, report: TrialReport) -> Finished:
        """The trial's end, with the end of what it printed."""
        files.clear(running.request)
        report = replace(
            report,
            message=masked(report.message, self._secrets),
            tail=tail_of(running.log, self._secrets),
        )
        return Finished(running.request, report)

    def _is_worn(self, worker: _Worker, request: TrialRequest, report: TrialReport) -> bool:
        """Whether the next trial deserves a new process: this one's memory was used up."""
        if report.failure_class in ("out-of-memory", "exit"):
            return True
        grown = resident(worker.process.pid) - worker.fresh
        return request.memory is not None and grown > request.memory

    def _lost(self) -> tuple[Happening, ...]:
        """Ends and replaces workers that are dead, late or too large."""
        happenings: list[Happening] = []
        self._await_ends(lambda _: False)
        for worker in tuple(self._workers):
            if worker.running is not None:
                keep_short(worker.running.log)
            if (reason := self._why_lost(worker)) is not None:
                happenings.extend(self._give_up(worker, *reason))
        return tuple(happenings)

    @staticmethod
    def _has_all(running: _Running) -> bool:
        """Whether a trial that does not listen has pushed what is asked of it."""
        return all(key in running.latest for key in running.request.metrics)

    def _why_lost(self, worker: _Worker) -> tuple[FailureClass | None, str] | None:
        """Why a worker has to go; no class where its trial ends well all the same."""
        now, running = time.monotonic(), worker.running
        status = worker.process.exit_status()
        if status is not None:
            return ending(status, running is not None and killings() > running.killings)
        if worker.process.broken is not None:
            return "lost-worker", worker.process.broken
        if not worker.ready:
            late = now - worker.started > _LOADING
            return ("timeout", "its worker did not start") if late else None
        if running is None:
            return None
        if now - running.began > running.request.timeout:
            return "timeout", f"still running after {running.request.timeout:g} s"
        if now - (running.stopped or now) > STOP_PATIENCE and self._has_all(running):
            return None, ""
        limit = running.request.memory
        if limit is not None:
            used = resident_family(worker.process.pid) - running.resident
            if used > limit:
                return "out-of-memory", f"used {mebibytes(used)}, {mebibytes(limit)} are allowed"
        return None

    def _give_up(
        self, worker: _Worker, failure: FailureClass | None, message: str
    ) -> Sequence[Happening]:
        if not worker.ready:
            raise Problem(
                "OFC765",
                f"a worker process ended before it was ready: {message}",
                f"its output is in {self.options.log}",
            )
        running = worker.running
        self._replace(worker)
        if running is None:
            return ()
        seconds = time.monotonic() - running.began
        if failure is None:
            last = TrialReport(outcome="completed", metrics=running.latest, seconds=seconds)
            return (self._over(running, last),)
        return (self._over(running, failed(failure, message, seconds)),)


def default_size(parallelism: int) -> int:
    """How many workers: no more than cores, since more only slow each other down."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(parallelism, cores))
