"""Log noisy expected hypervolume improvement, for several noisy objectives and batches.

Daulton et al. (2021), Parallel Bayesian optimization of multiple noisy objectives with expected
hypervolume improvement; the logarithm is that of Ament et al. (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.sampling.list_sampler import ListSampler
from botorch.utils.multi_objective.pareto import is_non_dominated
from torch import Tensor

from ..as_botorch import one_or_many, quasi_random, scored
from ..belief import Belief
from ..draws import drawn_at
from ..front import reference_point
from ..parts import Score
from .log_nei import LogNEI

MOST = 24
"""So many trials at most compete for the front; the cost grows with their third power."""

DRAWS = 64
APPROXIMATE = 1e-2
"""From four objectives on, the boxes under the front leave out this share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNEHVI:
    """What a trial adds to the volume under the front of each draw, on the models' scale.

    Attributes:
        samples: posterior draws, each with a front of its own.
    """

    name: ClassVar[str] = "log-nehvi"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = True
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = True
    samples: int = 16

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement on the front, trials that are out among it."""
        if len(belief.objectives) == 1:
            return LogNEI().build(belief, pending)
        baseline = belief.baseline
        means = torch.stack([each.moments(baseline)[0] for each in belief.objectives], dim=-1)
        draws = torch.stack(
            [drawn_at(each, baseline, DRAWS) for each in belief.objectives], dim=-1
        )  # k x n x m
        function = qLogNoisyExpectedHypervolumeImprovement(
            one_or_many(belief.objectives),
            _reference(belief, means),
            baseline[_often_on_front(draws)],
            sampler=ListSampler(*[quasi_random(self.samples) for _ in belief.objectives]),
            prune_baseline=False,
            cache_root=False,
            alpha=0.0 if len(belief.objectives) < 4 else APPROXIMATE,
            X_pending=pending if len(pending) else None,
        )
        return scored(function)


def _reference(belief: Belief, means: Tensor) -> Tensor:
    """From where the volume is measured, on the models' scale  # m."""
    reference = reference_point(means)
    for at, (warp, figure) in enumerate(zip(belief.warps, belief.references, strict=True)):
        if figure is not None:
            reference[at] = float(warp.forward(np.array([figure]))[0])
    return reference


def _often_on_front(draws: Tensor) -> Tensor:
    """Which trials are on the front of some draw, the most frequent ones  # k x n x m."""
    counts = is_non_dominated(draws).sum(0)
    order: Tensor = counts.argsort(descending=True, stable=True)[:MOST]
    return order[counts[order] > 0]
