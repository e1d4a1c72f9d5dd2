"""Successive halving by stopping: at ever longer distances only the best 1/eta go on.

Li et al. (2020), A system for massively parallel hyperparameter tuning, section 3.3, in the form
that stops and never pauses: a trial that comes to step `least * eta ** k` is compared with all that
came there before it, and goes on if it is among the best 1/eta. Nobody waits for anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omniforce.spec.expression.tree import Direction

from .protocol import Curve, best, is_better


@dataclass(frozen=True, slots=True, kw_only=True)
class Halving:
    """Holds a trial against all that came as far, under way or over.

    Attributes:
        least: the step of the lowest rung.
        after: other trials on a rung that it takes to judge there, and eta with the judged one.
        eta: of how many one goes on, and how many times farther the next rung is.
    """

    least: int
    after: int
    eta: int

    def verdict(
        self, mine: Curve, since: int | None, others: Sequence[Curve], direction: Direction
    ) -> str | None:
        """Why a trial should end now; see `StoppingRule`.

        Each rung judges once: who came by it goes on to the next, whoever comes after.
        """
        rung = self._rung(mine.last)
        if rung is None or (since is not None and since >= rung):
            return None
        rivals = [
            best(each.until(rung), direction)
            for each in others
            if each.last is not None and each.last >= rung and each.until(rung)
        ]
        if len(rivals) < max(self.after, self.eta - 1):
            return None
        own = best(mine.until(rung), direction)
        ahead = sum(1 for each in rivals if is_better(each, own, direction))
        go_on = (len(rivals) + 1) // self.eta
        if ahead < go_on:
            return None
        return f"{ahead} of {len(rivals)} others were better by step {rung}, of whom {go_on} go on"

    def _rung(self, step: int | None) -> int | None:
        """The highest rung that a step has reached."""
        if step is None or step < self.least:
            return None
        rung = self.least
        while rung * self.eta <= step:
            rung *= self.eta
        return rung
