"""Constant liar: trials that are out count as if they had come out already.

Ginsbourger et al. (2010), Kriging is well-suited to parallelize optimization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Acquisition, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantLiar:
    """What is pending is no longer worth asking for.

    Attributes:
        lie: `expected` is what the surrogate believes (the kriging believer), or the `best`, the
            `mean` or the `worst` figure so far.
    """

    name: ClassVar[str] = "constant-liar"
    lie: str = "expected"

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's score once the lies are believed."""
        return acquisition.build(belief.believing(pending, self._lies), pending[:0])

    def _lies(self, expected: Tensor, seen: Tensor) -> Tensor:
        """Figures for pending trials  # p x m, n x m -> p x m."""
        match self.lie:
            case "best":
                return seen.amax(0).expand_as(expected)
            case "mean":
                return seen.mean(0).expand_as(expected)
            case "worst":
                return seen.amin(0).expand_as(expected)
            case _:
                return expected
