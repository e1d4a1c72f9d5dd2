"""What a search asks of whatever runs its trials: workers on this machine, or actors of Ray."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from omniforce.compiler.ir.program import Search

from ..trial.contract import Phase, TrialReport, TrialRequest


@dataclass(frozen=True, slots=True)
class Entered:
    """A trial began a phase."""

    request: TrialRequest
    phase: Phase


@dataclass(frozen=True, slots=True)
class Reported:
    """A trial pushed figures while it runs."""

    request: TrialRequest
    step: int
    metrics: Mapping[str, float]


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
        measures: whether trials measure on devices, whose libraries are then imported too.
        log: where the output of the imports goes.
        path: folders in which the estimator is looked for after the usual ones.
    """

    size: int
    estimator: str
    log: Path
    measures: bool = False
    path: tuple[str, ...] = ()


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

    def cancel(self, trial: int) -> bool:
        """Ends a trial that runs, of which nothing is heard any more. False where it does not."""
        ...


Backend = Callable[[Search, PoolOptions], TrialPool]
"""Makes the pool of a search; `PoolOptions.size` is what this machine alone would take."""
