"""How long a round waits for its last trials: semi-synchrony (the paper, section 3.2).

The wait is adaptive, by trial and from its own start, so that a slow worker cannot hold up a
round and a queue cannot make a trial late: mean and deviation of the completed trials' times, or
what a model of those times says of this trial's parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from omniforce.compiler.ir.program import Search

from .store.reaping import GRACE_SECONDS
from .store.session import Times
from .store.trial import LEASED, Trial

Wait = Callable[[Trial], float]
"""Seconds that a trial may take from its start before its round goes on without it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The options of the wait.

    Attributes:
        deviations: a trial is late once it takes longer than what is expected and this many
            standard deviations.
        least: seconds that every trial gets in any case.
        after: completed trials that it takes to judge; before, only the trial's timeout ends it.
        patience: seconds in which a trial that was asked for must be leased, else that attempt
            is lost; None where nobody can refuse it.
        by: `cost` expects of each trial what a model says of its parameters.
    """

    deviations: float = 3.0
    least: float = 30.0
    after: int = 3
    patience: float | None = None
    by: Literal["deviation", "cost"] = "deviation"

    @classmethod
    def of(cls, search: Search, patience: float | None = None) -> Waiting:
        """As the spec has it."""
        spec = search.waiting
        return cls(spec.deviations, spec.least, spec.after, patience, spec.by)


WAITING = Waiting()


def by_deviation(times: Times, waiting: Waiting, timeout: float) -> Wait:
    """The same wait for every trial: mean and deviation of the completed ones' times."""
    longest = timeout
    if times.count >= max(1, waiting.after):
        mean = times.total / times.count
        deviation = math.sqrt(max(0.0, times.squares / times.count - mean * mean))
        expected = mean + waiting.deviations * deviation
        longest = min(timeout, max(waiting.least, expected))
    return lambda _: longest


def late(trials: Sequence[Trial], wait: Wait, now: float) -> tuple[int, ...]:
    """The numbers of the trials that their round should not wait for any longer."""
    return tuple(
        trial.number
        for trial in trials
        if trial.state in LEASED
        and trial.started is not None
        and trial.started + wait(trial) <= now
    )


def next_change(
    trials: Sequence[Trial], waiting: Waiting, wait: Wait, timeout: float, now: float
) -> float | None:
    """When the study may change though no trial reports; None for never."""
    return min(_changes(trials, waiting, wait, timeout, now), default=None)


def _changes(
    trials: Sequence[Trial], waiting: Waiting, wait: Wait, timeout: float, now: float
) -> Iterator[float]:
    for trial in trials:
        if trial.state == "proposed":
            if trial.requested > now:
                yield trial.requested
            if waiting.patience is not None:
                yield trial.requested + waiting.patience
        if trial.state not in LEASED:
            continue
        if trial.expires is not None:
            yield trial.expires
        if trial.started is not None:
            yield trial.started + min(wait(trial), timeout + GRACE_SECONDS)
