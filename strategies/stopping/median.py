"""The median rule: who never was as good as half of the others were on average ends.

Golovin et al. (2017), Google Vizier, section 3.2.2: a trial is stopped at step s if its best figure
so far is worse than the median, over the completed trials, of the running averages of their
figures up to s. It needs no model of curves, and one lucky step saves a trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from omniforce.spec.expression.tree import Direction

from .protocol import Curve, best, is_better


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """Holds a trial against the completed ones.

    Attributes:
        least: the first step at which a trial is judged.
        after: completed trials with figures up to a step that it takes to judge there. Those that
            ended early count with what they had, so that the bar does not rise by itself.
    """

    least: int
    after: int

    def verdict(
        self, mine: Curve, since: int | None, others: Sequence[Curve], direction: Direction
    ) -> str | None:
        """Why a trial should end now; see `StoppingRule`."""
        del since
        step = mine.last
        if step is None or step < self.least:
            return None
        told = [each.until(step) for each in others if each.is_over]
        averages = [fmean(values) for values in told if values]
        if len(averages) < self.after:
            return None
        bar, own = median(averages), best(mine.values, direction)
        if not is_better(bar, own, direction):
            return None
        return f"the best by step {step} is {own:.4g}, the median of the others {bar:.4g}"
