"""Expected improvement per second of predicted training time.

Snoek et al. (2012), Practical Bayesian optimization of machine learning algorithms, section 3.2;
the cooling is that of Lee et al. (2020), Cost-aware Bayesian optimization: cheap trials first, and
what they cost matters less as the budget runs out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Score
from .log_ei import LogEI


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSecond:
    """Log EI less the log of the seconds; plain log EI until some trials were timed.

    Attributes:
        cooling: whether the seconds count by the share of the budget that is left.
    """

    name: ClassVar[str] = "per-second"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = True
    joint: ClassVar[bool] = False
    cooling: bool = True

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement a second; trials that are out say nothing."""
        gain, seconds = LogEI().build(belief, pending), belief.seconds
        if seconds is None:
            return gain
        weight = belief.left if self.cooling else 1.0
        return lambda rows: gain(rows) - weight * seconds.moments(rows)[0]
