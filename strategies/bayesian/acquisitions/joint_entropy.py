"""Joint entropy search: what a trial tells about where the best figure is, and how high.

Hvarfner et al. (2022), Joint entropy search for maximally-informed Bayesian optimization; the
truncated normal is matched by its first two moments, as there. Written out, since BoTorch's takes
no model but its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief
from ..draws import drawn_at, spaced
from ..parts import Fitted, Score

ROWS = 512
LEAST = 1e-300

TOLD_APART = 1e-4
"""The variance of what no trial could tell apart, of figures with deviation 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointEntropy:
    """The loss of entropy of one figure once the best one and its place are known.

    Attributes:
        samples: how many best points are drawn, each believed by a surrogate of its own.
    """

    name: ClassVar[str] = "joint-entropy"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False
    samples: int = 8

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log of what is told; the first rows asked about stand for the whole space."""
        (fitted,) = belief.objectives
        optima: list[tuple[Fitted, Tensor]] = []

        def score(rows: Tensor) -> Tensor:
            if not optima:
                places = torch.cat([spaced(rows, ROWS).detach(), belief.baseline])
                optima.extend(drawn_optima(fitted, places, self.samples))
            before = (fitted.moments(rows)[1] + TOLD_APART).log()
            after = [
                (_truncated(*model.moments(rows), best) + TOLD_APART).log()
                for model, best in optima
            ]
            lost = 0.5 * (before - torch.stack(after).mean(0))
            return lost.clamp_min(LEAST).log()

        return score


def drawn_optima(fitted: Fitted, rows: Tensor, count: int) -> list[tuple[Fitted, Tensor]]:
    """Best figures of so many draws at the rows, each with the surrogate that believes it."""
    with torch.no_grad():
        draws = drawn_at(fitted, rows, count)
        bests, places = draws.max(dim=-1)
        return [
            (fitted.believing(rows[place].unsqueeze(0), best.unsqueeze(0)), best)
            for best, place in zip(bests, places, strict=True)
        ]


def _truncated(mean: Tensor, variance: Tensor, best: Tensor) -> Tensor:
    """The variance of normal figures that are at most `best`."""
    margin = (best - mean) / variance.sqrt()
    below = torch.special.log_ndtr(margin)
    density = (-0.5 * margin.square() - 0.5 * math.log(2.0 * math.pi) - below).exp()
    left: Tensor = variance * (1.0 - margin * density - density.square()).clamp_min(1e-9)
    return left
