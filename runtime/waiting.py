"""How long a round waits for its last trials: semi-synchrony (the paper, section 3.2).

The wait is adaptive: mean and deviation of the completed trials' times, by trial and from its
own start, so that a slow worker cannot hold up a round and a queue cannot make a trial late.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .store.session import GRACE_SECONDS
from .store.trial import LEASED, Trial


@dataclass(frozen=True, slots=True)
class Waiting:
    """The options of the wait.

    Attributes:
        deviations: a trial is late once it takes longer than the mean of the completed ones
            and this many of their standard deviations.
        least: seconds that every trial gets in any case.
        after: completed trials that it takes to judge; before, only the trial's timeout ends it.
        patience: seconds in which a trial that was asked for must be leased, else that attempt
            is lost; None where nobody can refuse it.
    """

    deviations: float = 3.0
    least: float = 30.0
    after: int = 3
    patience: float | None = None


WAITING = Waiting()


def maximum_wait(trials: Sequence[Trial], waiting: Waiting, timeout: float) -> float:
    """Seconds that a trial may take from its start before its round goes on without it."""
    times = [
        trial.finished - trial.started
        for trial in trials
        if trial.state == "completed" and trial.started is not None and trial.finished is not None
    ]
    if len(times) < max(1, waiting.after):
        return timeout
    expected = statistics.fmean(times) + waiting.deviations * statistics.pstdev(times)
    return min(timeout, max(waiting.least, expected))


def late(trials: Sequence[Trial], wait: float, now: float) -> tuple[int, ...]:
    """The numbers of the trials that their round should not wait for any longer."""
    return tuple(
        trial.number
        for trial in trials
        if trial.state in LEASED and trial.started is not None and trial.started + wait <= now
    )


def next_change(
    trials: Sequence[Trial], waiting: Waiting, wait: float, timeout: float
) -> float | None:
    """When the study may change though no trial reports; None for never."""
    return min(_changes(trials, waiting, wait, timeout), default=None)


def _changes(
    trials: Sequence[Trial], waiting: Waiting, wait: float, timeout: float
) -> Iterator[float]:
    for trial in trials:
        if trial.state == "proposed" and waiting.patience is not None:
            yield trial.requested + waiting.patience
        if trial.state not in LEASED:
            continue
        if trial.expires is not None:
            yield trial.expires
        if trial.started is not None:
            yield trial.started + min(wait, timeout + GRACE_SECONDS)
