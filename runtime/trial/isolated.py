"""One trial in a process of its own, watched from here: nothing that it does holds up a heartbeat.

A training that keeps Python's lock for minutes, that crashes, or that takes all memory, is only
that process's. Its output is passed on to ours; the store's address is not in its environment.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.problem import Problem

from ..local.memory import container_limit, resident_family
from ..local.pool import Entered, Finished, PoolOptions, Reported
from ..local.process import ONE_THREAD
from ..local.workers import WorkerPool
from ..store.trial import Point
from . import files
from .contract import Phase, TrialReport, TrialRequest, failed

HIDDEN = ("OFC_STORE_URL", "OFC_ACCESS", "PGPASSWORD")
"""Variables that are the runner's alone."""

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL for a trial that nobody waits for."""

_FAULTS_OF_THE_SPEC = ("OFC703", "OFC764", "OFC860", "OFC861")
_LOOK = 0.5
_MOST_MEMORY = 0.95  # of the container's, beyond which the kernel would end all of it


class Abandoned(Exception):  # noqa: N818 - what happened to the trial
    """Nobody wants the report any longer; the trial is ended."""


@dataclass(frozen=True, slots=True)
class Around:
    """Whom the trial speaks to, and who decides over it.

    Attributes:
        entering: is told of each phase.
        pushed: is given figures; must not raise.
        abandoned: whether nobody waits for it any longer.
        preempted: whether this machine is taken away now, so that nothing more can be awaited.
    """

    entering: Callable[[Phase], None]
    pushed: Callable[[tuple[Point, ...]], None]
    abandoned: Callable[[], bool]
    preempted: Callable[[], bool]


def run(request: TrialRequest, around: Around) -> TrialReport:
    """Runs the trial to its end, and says how it went.

    Raises:
        Abandoned: as `around` said.
        Problem: the disk is full, or no process can be started here.
    """
    with tempfile.TemporaryDirectory(prefix="ofc-log-") as directory:
        log, own_log = Path(directory) / "trial.log", Path(directory) / "worker.log"
        echoes = (_Echo(log), _Echo(own_log))
        try:
            with WorkerPool(_options(request, own_log)) as pool:
                pool.start(request, log)
                return _watch(pool, request, around, echoes)
        except Problem as problem:
            if problem.diagnostic.code not in _FAULTS_OF_THE_SPEC:
                raise
            return failed("user-error", f"{problem.diagnostic.code}: {problem}")
        finally:
            for echo in echoes:
                echo.pass_on()


def _options(request: TrialRequest, log: Path) -> PoolOptions:
    return PoolOptions(
        size=1,
        estimator=request.algorithm.estimator,
        command=request.algorithm.command,
        log=log,
        measures=bool(request.devices),
        path=(os.getcwd(),),
        # The container's own count holds, where its manifest gives one.
        environment={name: os.environ[name] for name in ONE_THREAD if name in os.environ},
        without=HIDDEN,
    )


def _watch(
    pool: WorkerPool, request: TrialRequest, around: Around, echoes: tuple[_Echo, ...]
) -> TrialReport:
    limit = container_limit()
    while True:
        for each in pool.wait(_LOOK):
            match each:
                case Entered(phase=phase):
                    around.entering(phase)
                case Reported(points=points):
                    around.pushed(points)
                case Finished(report=report):
                    return report
        for echo in echoes:
            echo.pass_on()
        if (files.contract_directory(request) / files.STOP).exists():
            pool.stop(request.trial)
        if around.abandoned():
            pool.cancel(request.trial, GRACE)
            _await_end(pool)
            raise Abandoned
        if around.preempted():
            pool.cancel(request.trial)
            return failed("preempted", "the machine was taken away before the trial was over")
        if limit is not None and resident_family(os.getpid()) > _MOST_MEMORY * limit:
            pool.cancel(request.trial)
            return failed("out-of-memory", f"used all but a little of {limit // 2**20} MiB")


def _await_end(pool: WorkerPool) -> None:
    until = time.monotonic() + GRACE + 1.0
    while pool.ending and time.monotonic() < until:
        pool.wait(_LOOK)


class _Echo:
    """Passes on what a file grows by, as it is: whoever reads a pod's log sees it there."""

    def __init__(self, log: Path) -> None:
        self._log, self._passed = log, 0

    def pass_on(self) -> None:
        try:
            with self._log.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._passed:
                    self._passed = 0  # it was begun anew
                file.seek(self._passed)
                while piece := file.read(65_536):
                    self._passed += len(piece)
                    os.write(sys.stderr.fileno(), piece)
        except (OSError, ValueError):
            return  # nothing there yet, or nobody reads
