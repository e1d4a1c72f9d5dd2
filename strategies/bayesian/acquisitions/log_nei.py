"""Log noisy expected improvement, for noisy studies and batches.

Letham et al. (2019), Constrained Bayesian optimization with noisy experiments; the logarithm is
that of Ament et al. (2023), Unexpected improvements to expected improvement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from torch import Tensor

from ..as_botorch import OneMetric, quasi_random, scored
from ..belief import Belief
from ..draws import drawn_at
from ..parts import Score

MOST = 16
"""So many trials at most compete to be the best so far; the cost grows with their third power."""

DRAWS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNEI:
    """Improvement on the best of each draw: nobody knows which trial so far is the best.

    Attributes:
        samples: posterior draws; the error falls with their number.
    """

    name: ClassVar[str] = "log-nei"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = True
    samples: int = 64

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement on the best trial, those that are out among them."""
        (fitted,) = belief.objectives
        draws = drawn_at(fitted, belief.baseline, DRAWS)
        function = qLogNoisyExpectedImprovement(
            OneMetric(fitted),
            belief.baseline[often_best(draws)],
            sampler=quasi_random(self.samples),
            prune_baseline=False,
            cache_root=False,
            X_pending=pending if len(pending) else None,
        )
        return scored(function)


def often_best(draws: Tensor) -> Tensor:
    """Which trials are the best in some draw, the most frequent ones  # k x n -> at most MOST."""
    wins = torch.bincount(draws.argmax(-1), minlength=draws.shape[-1])
    order = wins.argsort(descending=True, stable=True)[:MOST]
    return order[wins[order] > 0]
