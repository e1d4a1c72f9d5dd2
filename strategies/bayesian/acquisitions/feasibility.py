"""Probability of feasibility: how surely a trial comes through and keeps every requirement.

Gardner et al. (2014), Bayesian optimization with inequality constraints, without the objective.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasibility:
    """For studies that look for anything that will do; where all will do, for what is unknown."""

    name: ClassVar[str] = "feasibility"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = True
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """Nothing of its own where something can be broken, since the log chance is added."""
        if belief.limits or belief.success is not None:
            return lambda rows: rows.new_zeros(len(rows))

        def score(rows: Tensor) -> Tensor:
            total = rows.new_zeros(len(rows))
            for fitted in belief.objectives:
                total = total + 0.5 * fitted.moments(rows)[1].log()
            return total

        return score
