"""Max-value entropy search: what a trial tells about how high the best figure is.

Wang & Jegelka (2017), Max-value entropy search for efficient Bayesian optimization, section 3.1,
equation 6. Written out, since BoTorch's takes no model but its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..belief import Belief
from ..draws import spaced
from ..parts import Fitted, Score

ROWS = 1024
STEPS = 40
LEAST = 1e-300
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxValueEntropy:
    """The loss of entropy of one figure once the best one is known.

    Attributes:
        samples: how many best figures are drawn.
    """

    name: ClassVar[str] = "max-value-entropy"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False
    samples: int = 32

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log of what is told; the first rows asked about stand for the whole space."""
        (fitted,) = belief.objectives
        shares = (torch.rand(self.samples, dtype=torch.float64) * 0.998 + 0.001).sort().values
        best: Tensor | None = None

        def score(rows: Tensor) -> Tensor:
            nonlocal best
            if best is None:
                places = torch.cat([spaced(rows, ROWS).detach(), belief.baseline])
                best = best_figures(fitted, places, shares)
            return told(*fitted.moments(rows), best).clamp_min(LEAST).log()

        return score


def told(mean: Tensor, variance: Tensor, best: Tensor) -> Tensor:
    """Entropy lost, in nats, of normal figures that are at most `best`  # n, n, k -> n."""
    margin = (best - mean.unsqueeze(-1)) / variance.sqrt().unsqueeze(-1)  # n x k
    below = torch.special.log_ndtr(margin)
    density = (-0.5 * margin.square() - 0.5 * math.log(2.0 * math.pi) - below).exp()
    lost: Tensor = (0.5 * margin * density - below).mean(-1)
    return lost


def best_figures(fitted: Fitted, rows: Tensor, shares: Tensor) -> Tensor:
    """Quantiles of the best figure among the rows, by a Gumbel distribution  # n x d, k -> k.

    It has the quartiles of the best of figures that are independent.
    """
    with torch.no_grad():
        mean, variance = fitted.moments(rows)
        deviation = variance.sqrt()
        lower, middle, upper = (_quantile(mean, deviation, share) for share in QUARTILES)
        # P(best < y) = exp(-exp(-(y - a) / b)).
        spread = (upper - lower) / (_depth(0.25) - _depth(0.75))
        return middle + spread.clamp_min(1e-9) * (_depth(0.5) - (-shares.log()).log())


def _depth(share: float) -> float:
    return math.log(-math.log(share))


def _quantile(mean: Tensor, deviation: Tensor, share: float) -> Tensor:
    """Below which figure the best of independent normal ones stays with this chance."""
    low = (mean - 5.0 * deviation).max()
    high = (mean + 8.0 * deviation).max()
    for _ in range(STEPS):
        middle = (low + high) / 2
        below = torch.special.log_ndtr((middle - mean) / deviation).sum()
        low, high = (middle, high) if below < math.log(share) else (low, middle)
    found: Tensor = (low + high) / 2
    return found
