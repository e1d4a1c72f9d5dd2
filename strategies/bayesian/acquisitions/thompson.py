"""Thompson sampling: the best of one draw of the objective, by one draw of the requirements.

Thompson (1933), On the likelihood that one unknown probability exceeds another; with requirements,
Eriksson & Poloczek (2021), Scalable constrained Bayesian optimization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief
from ..draws import Drawn
from ..parts import Score
from ..requirements import drawn_violation

OUT = 1e3
"""Further below any figure than it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thompson:
    """Draws anew for every point of a batch, which spreads it."""

    name: ClassVar[str] = "thompson"
    logged: ClassVar[bool] = False
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """One draw; trials that are out say nothing."""
        (fitted,) = belief.objectives
        drawn, violation = Drawn(fitted), drawn_violation(belief.limits, belief.success)

        def score(rows: Tensor) -> Tensor:
            broken = violation(rows)
            return torch.where(broken > 0.0, -OUT - broken, drawn(rows))

        return score
