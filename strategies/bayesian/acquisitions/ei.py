"""Expected improvement, as it is, times the chance to keep the requirements.

Jones et al. (1998), Efficient global optimization of expensive black-box functions; with
requirements, Schonlau et al. (1998), Global versus local search in constrained optimization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Score
from ..requirements import log_chance
from .log_ei import LogEI


@dataclass(frozen=True, slots=True, kw_only=True)
class EI:
    """Zero, in numbers, where nothing is to be gained; `log-ei` still has a slope there."""

    name: ClassVar[str] = "ei"
    logged: ClassVar[bool] = False
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The improvement; trials that are out say nothing."""
        gain = LogEI().build(belief, pending)
        return lambda rows: (gain(rows) + log_chance(rows, belief.limits, belief.success)).exp()
