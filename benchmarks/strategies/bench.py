"""A problem that can be replayed and whose best is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from random import Random

from omniforce.spec.space import Assignment, Space
from omniforce.strategies.points.encoding import Key
from omniforce.strategies.protocol import Goal, Past

Metrics = Mapping[str, float]
Noisy = Callable[[Assignment, Random], Metrics]
True_ = Callable[[Assignment], Metrics]
Lost = Callable[[Sequence[Metrics], Sequence[Metrics]], float]
Snap = Callable[[Assignment, Set[Key]], Assignment]


def no_figures(points: Sequence[Assignment]) -> Metrics:
    """Of a bench that has no last columns."""
    return {}


@dataclass(frozen=True, slots=True)
class Bench:
    """What is searched, how it answers, and how far from the best a search is.

    Attributes:
        name: of the problem, in tables and files.
        space: what is searched.
        goals: as a strategy gets them.
        trials: how many evaluations a search has.
        measure: the figures of a point; the generator is for noise.
        truth: the same without noise.
        lost: how far some trials are from the best possible, from 0; by the figures that were
            seen, and by the same without noise.
        ended: figures of a whole search, from its points in order, for the table's last columns.
        given: how many random points every searcher is told first; the same ones for a seed.
        past: studies that a searcher may learn from.
        snap: the nearest point that can be measured and was not, given the keys of those that
            were; None where every point can.
    """

    name: str
    space: Space
    goals: tuple[Goal, ...]
    trials: int
    measure: Noisy
    truth: True_
    lost: Lost
    ended: Callable[[Sequence[Assignment]], Metrics] = no_figures
    given: int = 0
    past: tuple[Past, ...] = ()
    snap: Snap | None = None


def noiseless(truth: True_) -> Noisy:
    """A measure that always tells the truth."""
    return lambda point, _: truth(point)


def regret(metric: str, best: float, scale: float = 1.0, sign: float = 1.0) -> Lost:
    """How far the trial that looks best truly is from `best`, in units of `scale`.

    Args:
        metric: which figure.
        best: the best that there is.
        scale: what counts as 1.
        sign: 1 where less is better, -1 where more is.
    """

    def lost(seen: Sequence[Metrics], true: Sequence[Metrics]) -> float:
        chosen = min(range(len(seen)), key=lambda at: sign * seen[at][metric])
        return max(sign * (true[chosen][metric] - best), 0.0) / scale

    return lost
