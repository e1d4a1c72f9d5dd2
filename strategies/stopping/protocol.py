"""What a rule is asked, and what it answers: pure functions of curves, which hold no study."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from omniforce.spec.expression.tree import Direction


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure as a trial reported it.

    Attributes:
        steps: growing; epochs or rounds.
        values: one for each.
        is_over: whether the trial is completed, ended early or not; else it is under way.
    """

    steps: tuple[int, ...]
    values: tuple[float, ...]
    is_over: bool = False

    def until(self, step: int) -> tuple[float, ...]:
        """What was reported up to a step, with it."""
        return self.values[: bisect_right(self.steps, step)]

    @property
    def last(self) -> int | None:
        """The last step; None before the first."""
        return self.steps[-1] if self.steps else None


class StoppingRule(Protocol):
    """Says which trials are not worth going on with."""

    def verdict(
        self, mine: Curve, since: int | None, others: Sequence[Curve], direction: Direction
    ) -> str | None:
        """Why a trial should end now; None lets it go on.

        Args:
            mine: what it reported so far.
            since: the last step at which it was judged before; None for the first time.
            others: of the same study, without it.
            direction: which way is better.
        """
        ...


def best(values: Sequence[float], direction: Direction) -> float:
    """Of some figures, of which there is one at least."""
    return max(values) if direction == "maximize" else min(values)


def is_better(one: float, other: float, direction: Direction) -> bool:
    """Whether one figure is truly better than another."""
    return one > other if direction == "maximize" else one < other
