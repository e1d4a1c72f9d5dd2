"""Joint: a Monte Carlo acquisition weighs a new trial together with those that are out.

Balandat et al. (2020), BoTorch: a framework for efficient Monte-Carlo Bayesian optimization,
section 4: greedy batches, with the earlier points pending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Acquisition, Score
from .constant_liar import ConstantLiar


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Leaves pending trials to the acquisition; one that makes nothing of them believes them."""

    name: ClassVar[str] = "joint"

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's score of a row together with pending ones."""
        if acquisition.joint:
            return acquisition.build(belief, pending)
        return ConstantLiar().score(acquisition, belief, pending)
