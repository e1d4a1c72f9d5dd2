"""What a search asks of whatever runs its trials: workers on this machine, or actors of Ray."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from omniforce.compiler.ir.program import Search

from ..store.trial import Point
from ..trial.contract import Phase, TrialReport, TrialRequest


@dataclass(frozen=True, slots=True)
class Entered:
    """A trial began a phase."""

    request: TrialRequest
    phase: Phase


@dataclass(frozen=True, slots=True)
class Reported:
    """A trial pushed figures while it runs: those of a quarter of a second at once."""

    request: TrialRequest
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial is over, one way or another."""

    request: TrialRequest
    report: TrialReport


Happening = Entered | Reported | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """What all workers of a pool have in common.

    Attributes:
        size: how many trials run at once.
        estimator: the class, imported once per worker.
        command: of a program that is the algorithm, which must then be found.
        measures: whether trials measure on devices, whose libraries are then imported too.
        log: where the output of the imports goes.
        path: folders in which the estimator is looked for after the usual ones; the first is the
            spec's own.
        environment: variables of the workers, over those of this process.
        without: variables of this process that they do not get.
    """

    size: int
    estimator: str
    log: Path
    measures: bool = False
    path: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


class TrialPool(Protocol):
    """Runs trials, each watched for its time, its memory and its life.

    Used in a `with`: at the end nothing of it runs any more.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

    @property
    def free(self) -> int:
        """How many more trials can be started now; may grow while nothing happens."""
        ...

    @property
    def running(self) -> tuple[TrialRequest, ...]:
        """The trials that run now, by number."""
        ...

    def start(self, request: TrialRequest, log: Path) -> None:
        """Starts a trial, its output at the end of `log`; `free` must not be 0."""
        ...

    def wait(self, seconds: float) -> tuple[Happening, ...]:
        """What happened by the first happening, or until `seconds` have passed.

        Raises:
            Problem: nothing can run there, or the disk is full.
        """
        ...

    def stop(self, trial: int) -> bool:
        """Asks a trial to end early and to report what it has. False where it does not run.

        The file `trial.files.STOP` says so to the trial. One that does not listen, and has pushed
        all that is asked of it, is ended after a while: its last figures are its result.
        """
        ...

    def cancel(self, trial: int, grace: float = 0.0) -> bool:
        """Ends a trial that runs, of which nothing is heard any more. False where it does not.

        It gets SIGTERM, and SIGKILL after `grace` seconds; without any it is killed at once.
        """
        ...


Backend = Callable[[Search, PoolOptions], TrialPool]
"""Makes the pool of a search; `PoolOptions.size` is what this machine alone would take."""
