"""Confidence bound: as good as may be hoped for. Of a loss it is the lower one, hence the name.

Srinivas et al. (2010), Gaussian process optimization in the bandit setting: no regret and
experimental design; the practical schedule is that of Kandasamy et al. (2015), High dimensional
Bayesian optimisation and bandits via additive models, section 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief
from ..parts import Score
from ..requirements import optimistic_violation

OUT = 1e3
"""Further below any figure than it can be: what not even hope makes feasible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LCB:
    """The mean and some deviations; requirements count as kept where they may be hoped to be.

    Attributes:
        kappa: how many deviations; grows with the number of trials if None.
    """

    name: ClassVar[str] = "lcb"
    logged: ClassVar[bool] = False
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False
    kappa: float | None = None

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The bound; trials that are out say nothing."""
        (fitted,) = belief.objectives
        kappa = self._kappa(belief)

        def score(rows: Tensor) -> Tensor:
            mean, variance = fitted.moments(rows)
            bound = mean + kappa * variance.sqrt()
            broken = optimistic_violation(rows, belief.limits, belief.success, kappa)
            return torch.where(broken > 0.0, -OUT - broken, bound)

        return score

    def _kappa(self, belief: Belief) -> float:
        if self.kappa is not None:
            return self.kappa
        trials = len(belief.values)
        return math.sqrt(0.2 * belief.rows.width * math.log(2.0 * max(trials, 1)))
