"""Local penalisation: around each trial that is out, the score falls as far as the best may not be.

Gonzalez et al. (2016), Batch Bayesian optimization via local penalization.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief
from ..parts import Acquisition, Fitted, Score
from ..rows import ABSENT, Rows

LEAST_SLOPE = 1e-3
ROWS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPenalisation:
    """Needs no figures for pending trials; the objective is taken to be no steeper than its mean.

    Attributes:
        steepness: by which the slope found is multiplied; a larger one keeps less of a distance.
    """

    name: ClassVar[str] = "local-penalisation"
    steepness: float = 1.0

    def score(self, acquisition: Acquisition, belief: Belief, pending: Tensor) -> Score:
        """The acquisition's log score less the penalties."""
        gain = acquisition.build(belief, pending[:0])
        if not len(pending):
            return gain
        balls = [self._ball(belief, each, pending) for each in belief.objectives]

        def score(rows: Tensor) -> Tensor:
            scores = gain(rows)
            if not acquisition.logged:
                scores = torch.nn.functional.softplus(scores).clamp_min(1e-300).log()
            apart = distances(belief.rows, rows, pending)  # n x p
            # A row is out of question only where it is so by every objective.
            penalties = torch.stack([ball.outside(apart) for ball in balls]).amax(0)
            return scores + penalties

        return score

    def _ball(self, belief: Belief, fitted: Fitted, pending: Tensor) -> _Ball:
        slope = self.steepness * steepest(belief.rows, fitted, belief.baseline[:ROWS])
        best = fitted.moments(belief.baseline)[0].max()
        mean, variance = fitted.moments(pending)
        return _Ball(slope, (best - mean).clamp_min(0.0), variance.sqrt())


@dataclass(frozen=True, slots=True)
class _Ball:
    """Where the best cannot be, given the slope and what a pending trial lacks of the best."""

    slope: float
    lack: Tensor
    deviation: Tensor

    def outside(self, apart: Tensor) -> Tensor:
        """The log chance to lie outside every ball, by the distances  # n x p -> n."""
        margin = (self.slope * apart - self.lack) / self.deviation
        chance: Tensor = torch.special.log_ndtr(margin).sum(-1)
        return chance


def distances(rows: Rows, left: Tensor, right: Tensor) -> Tensor:
    """How far apart rows are; two labels, or active and inactive, are 1 apart  # n x p."""
    gaps = left.unsqueeze(1) - right.unsqueeze(0)  # n x p x d
    apart = (left == ABSENT).unsqueeze(1) != (right == ABSENT).unsqueeze(0)
    nominal = list(rows.nominal)
    apart[..., nominal] |= gaps[..., nominal].abs() > 1e-9
    squares = torch.where(apart, 1.0, gaps.square())
    squares[..., nominal] = apart[..., nominal].to(gaps)
    # The root has no slope at 0.
    return (squares.sum(-1) + 1e-12).sqrt()


def steepest(rows: Rows, fitted: Fitted, places: Tensor) -> float:
    """The steepest slope of the mean, along the numbers at these rows or from one to another."""
    mean = fitted.moments(places)[0]
    apart = distances(rows, places, places)
    between = ((mean.unsqueeze(1) - mean.unsqueeze(0)).abs() / apart.clamp_min(1e-3)).max()
    found: Sequence[float] = [LEAST_SLOPE, float(between)]
    free = places.clone().requires_grad_()
    with torch.enable_grad():
        mean = fitted.moments(free)[0]
        if mean.requires_grad:
            (slope,) = torch.autograd.grad(mean.sum(), free)
            found = [
                *found,
                float(slope.nan_to_num(0.0)[:, list(rows.continuous)].norm(dim=-1).max()),
            ]
    return max(found)
