"""Log expected improvement by quasi Monte Carlo, jointly with the trials that are out.

Wilson et al. (2018), Maximizing acquisition functions for Bayesian optimization; the logarithm is
that of Ament et al. (2023), Unexpected improvements to expected improvement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from botorch.acquisition.logei import qLogExpectedImprovement
from torch import Tensor

from ..as_botorch import OneMetric, quasi_random, scored
from ..belief import Belief
from ..parts import Score
from .log_ei import best_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class MonteCarloEI:
    """What a trial and those that are out improve together.

    Attributes:
        samples: posterior draws; the error falls with their number.
    """

    name: ClassVar[str] = "mc-ei"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = True
    samples: int = 64

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement of rows and pending trials."""
        (fitted,) = belief.objectives
        function = qLogExpectedImprovement(
            OneMetric(fitted),
            best_mean(belief),
            sampler=quasi_random(self.samples),
            X_pending=pending if len(pending) else None,
        )
        return scored(function)
