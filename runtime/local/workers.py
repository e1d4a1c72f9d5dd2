"""The pool: as many worker processes as trials run at once, each replaced when it is lost."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from omniforce.spec.problem import Problem

from ..trial.as_json import report_from_json, request_to_json
from ..trial.contract import FailureClass, TrialReport, TrialRequest, failed
from .memory import resident, resident_family
from .pool import Entered, Finished, Happening, PoolOptions, Reported
from .process import WorkerProcess

_LOOK = 0.25  # seconds between two looks at deadlines and memory while trials run
LONGEST_LOG = 64 * 2**20
_LOADING = 300.0  # seconds that importing the estimator may take


@dataclass(slots=True)
class _Running:
    request: TrialRequest
    log: Path
    began: float
    resident: int  # bytes of the worker when the trial began


@dataclass(slots=True)
class _Worker:
    process: WorkerProcess
    started: float
    ready: bool = False
    fresh: int = 0  # bytes of real memory before its first trial
    running: _Running | None = None


@dataclass(slots=True)
class WorkerPool:
    """Runs trials in processes, each watched for its time, its memory and its life.

    Use it in a `with`: at the end no process of it is left.
    """

    options: PoolOptions
    _workers: list[_Worker] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def __enter__(self) -> Self:
        for _ in range(self.options.size):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        # All first and then each, so that no worker's last breath delays another's.
        for worker in self._workers:
            worker.process.end()
        self._workers.clear()
        self._selector.close()

    @property
    def free(self) -> int:
        """How many more trials can be started now."""
        return sum(1 for worker in self._workers if worker.running is None)

    @property
    def running(self) -> tuple[TrialRequest, ...]:
        """The trials that run now, by number."""
        found = (w.running.request for w in self._workers if w.running is not None)
        return tuple(sorted(found, key=lambda request: request.trial))

    def start(self, request: TrialRequest, log: Path) -> None:
        """Starts a trial; there must be a free worker, and a ready one is taken first."""
        free = [worker for worker in self._workers if worker.running is None]
        worker = next((w for w in free if w.ready), free[0])
        worker.running = _Running(request, log, time.monotonic(), resident(worker.process.pid))
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

    def cancel(self, trial: int) -> bool:
        """Ends a trial that runs; its worker is replaced. False where it does not run."""
        for worker in self._workers:
            if worker.running is not None and worker.running.request.trial == trial:
                self._replace(worker)
                return True
        return False

    def _start(self) -> None:
        options = self.options
        process = WorkerProcess(options.log)
        process.load(options.estimator, options.path, options.measures)
        worker = _Worker(process, time.monotonic())
        self._workers.append(worker)
        self._selector.register(process.answers, selectors.EVENT_READ, worker)

    def _replace(self, worker: _Worker) -> int:
        self._selector.unregister(worker.process.answers)
        self._workers.remove(worker)
        status = worker.process.end()
        self._start()
        return status

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
            case "report" if worker.running is not None:
                yield Reported(worker.running.request, message["step"], message["metrics"])
            case "done" if worker.running is not None:
                request, worker.running = worker.running.request, None
                report = report_from_json(message["report"])
                if self._is_worn(worker, request, report):
                    self._replace(worker)
                yield Finished(request, report)
            case _:
                pass  # what a trial says after its end concerns nobody

    def _is_worn(self, worker: _Worker, request: TrialRequest, report: TrialReport) -> bool:
        """Whether the next trial deserves a new process: this one's memory was used up."""
        if report.failure_class in ("out-of-memory", "exit"):
            return True
        grown = resident(worker.process.pid) - worker.fresh
        return request.memory is not None and grown > request.memory

    def _lost(self) -> tuple[Happening, ...]:
        """Ends and replaces workers that are dead, late or too large."""
        happenings: list[Happening] = []
        for worker in tuple(self._workers):
            if worker.running is not None:
                keep_short(worker.running.log)
            if (reason := self._why_lost(worker)) is not None:
                happenings.extend(self._give_up(worker, *reason))
        return tuple(happenings)

    def _why_lost(self, worker: _Worker) -> tuple[FailureClass, str] | None:
        now, running = time.monotonic(), worker.running
        status = worker.process.exit_status()
        if status is not None:
            return "exit", _ending(status)
        if worker.process.broken is not None:
            return "lost-worker", worker.process.broken
        if not worker.ready:
            late = now - worker.started > _LOADING
            return ("timeout", "its worker did not start") if late else None
        if running is None:
            return None
        if now - running.began > running.request.timeout:
            return "timeout", f"still running after {running.request.timeout:g} s"
        limit = running.request.memory
        if limit is not None:
            used = resident_family(worker.process.pid) - running.resident
            if used > limit:
                return "out-of-memory", f"used {_mebibytes(used)}, {_mebibytes(limit)} are allowed"
        return None

    def _give_up(self, worker: _Worker, failure: FailureClass, message: str) -> Sequence[Happening]:
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
        return (Finished(running.request, failed(failure, message, seconds)),)


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"


def _ending(status: int) -> str:
    if status >= 0:
        return f"the trial ended its process with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"the process was ended by {name}{hint}"


def keep_short(log: Path) -> None:
    """Begins a log anew where it has grown too large: a trial must not fill the disk by talking."""
    with suppress(OSError):
        if log.stat().st_size > LONGEST_LOG:
            os.truncate(log, 0)
            with log.open("a", encoding="ascii") as file:
                file.write(f"-- begun anew: there were more than {_mebibytes(LONGEST_LOG)}\n")


def default_size(parallelism: int) -> int:
    """How many workers: no more than cores, since more only slow each other down."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(parallelism, cores))
