"""Sequential: as if nothing else were out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..belief import Belief
from ..parts import Acquisition, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """For one trial at a time, or for draws that spread by themselves; no point comes twice."""

    name: ClassVar[str] = "sequential"

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's own score."""
        return acquisition.build(belief, pending[:0])
