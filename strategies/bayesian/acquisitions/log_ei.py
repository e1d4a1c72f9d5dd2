"""Log expected improvement, the acquisition of one objective.

Ament et al. (2023), Unexpected improvements to expected improvement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from botorch.acquisition.analytic import LogExpectedImprovement
from torch import Tensor

from ..as_botorch import OneMetric
from ..belief import Belief
from ..parts import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEI:
    """Improvement on the best posterior mean: one lucky noisy trial does not set the bar."""

    name: ClassVar[str] = "log-ei"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement; trials that are out say nothing."""
        (fitted,) = belief.objectives
        function = LogExpectedImprovement(OneMetric(fitted), best_mean(belief))
        return lambda rows: function(rows.unsqueeze(1))


def best_mean(belief: Belief) -> Tensor:
    """The best posterior mean among trials that meet every requirement."""
    (fitted,) = belief.objectives
    best: Tensor = fitted.moments(belief.baseline)[0].max()
    return best
