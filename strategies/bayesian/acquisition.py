"""How promising a candidate is: its improvement, and how likely it meets what is required.

Ament et al. (2023), Unexpected improvements to expected improvement; Yang et al. (2019),
Efficient computation of expected hypervolume improvement using box decomposition algorithms;
Gardner et al. (2014), Bayesian optimization with inequality constraints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from botorch.acquisition import AcquisitionFunction
from botorch.acquisition.analytic import LogExpectedImprovement
from botorch.acquisition.multi_objective.analytic import ExpectedHypervolumeImprovement
from botorch.models.model import ModelList
from botorch.utils.multi_objective.box_decompositions import (
    FastNondominatedPartitioning,
    NondominatedPartitioning,
)
from botorch.utils.multi_objective.pareto import is_non_dominated
from torch import Tensor

from .process import Process, Unwarped
from .warp import Warp

RARE = math.log(1e-3)
"""The least log chance to come through that a candidate is given: a failure may be bad luck."""

MANY_OBJECTIVES = 4
"""From here on the boxes above the front are approximated; they would be too many."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A requirement on the scale of its model.

    Attributes:
        process: of the metric.
        bound: on the model's scale.
        sign: 1 where values above the bound are safe, -1 where those below are.
    """

    process: Process
    bound: float
    sign: float


@dataclass(frozen=True, slots=True)
class Improvement:
    """The log of BoTorch's expected (hypervolume) improvement over what is believed now.

    The front is that of the posterior means, so that one lucky noisy trial does not set it.
    """

    function: AcquisitionFunction
    logged: bool

    @classmethod
    def over(
        cls,
        processes: Sequence[Process],
        warps: Sequence[Warp],
        baseline: Tensor,
        references: Sequence[float | None],
    ) -> Improvement:
        """The improvement on the rows of the baseline (n x d), one process per objective.

        Args:
            processes: of the objectives.
            warps: of their metrics.
            baseline: the rows that set the bar.
            references: the worst figures of interest, where the spec says them.
        """
        if len(processes) == 1:
            best = processes[0].moments(baseline)[0].max()
            return cls(LogExpectedImprovement(processes[0], best), logged=True)
        # A volume depends on the scale, and the metric's own is the one that a user reads.
        models = [Unwarped(*each) for each in zip(processes, warps, strict=True)]
        means = torch.stack([each.moments(baseline)[0] for each in models], dim=-1)  # n x m
        reference = reference_point(means)
        for at, (model, figure) in enumerate(zip(models, references, strict=True)):
            if figure is not None:
                reference[at] = model.standing(figure)
        few = len(processes) < MANY_OBJECTIVES
        boxes: Any = (
            FastNondominatedPartitioning(reference, means)
            if few
            else NondominatedPartitioning(reference, means, alpha=1e-3)
        )
        function = ExpectedHypervolumeImprovement(ModelList(*models), reference.tolist(), boxes)
        return cls(function, logged=False)

    def __call__(self, rows: Tensor) -> Tensor:
        """The log improvement at each row  # n."""
        value: Tensor = self.function(rows.unsqueeze(1))
        return value if self.logged else value.clamp_min(1e-300).log()


def reference_point(values: Tensor) -> Tensor:
    """A little below the worst of the front in each objective, by its own range  # m."""
    low, high = torch.quantile(values, torch.tensor([0.25, 0.75]).to(values), dim=0)
    fence = low - 3.0 * (high - low)
    front = values[is_non_dominated(values)]
    spread = values.amax(0) - values.amin(0)
    worst = torch.minimum(torch.maximum(values.amin(0), fence), front.amin(0))
    return worst - 0.01 * spread.clamp_min(1e-6)


def log_chance(rows: Tensor, limits: Sequence[Limit], success: Process | None) -> Tensor:
    """The log probability that a trial comes through and meets every requirement  # n."""
    total = rows.new_zeros(len(rows))
    for limit in limits:
        mean, variance = limit.process.moments(rows)
        margin = limit.sign * (mean - limit.bound) / variance.sqrt()
        total = total + torch.special.log_ndtr(margin)
    if success is not None:
        # The labels are 0 and 1: how sure it is to lie on the side of the ones.
        mean, variance = success.moments(rows)
        total = total + torch.special.log_ndtr((mean - 0.5) / variance.sqrt()).clamp_min(RARE)
    return total


def least_violation(rows: Tensor, limits: Sequence[Limit]) -> Tensor:
    """How little one posterior draw breaks the requirements, 0 for not at all  # n.

    For as long as nothing meets them all: Eriksson & Poloczek (2021), Scalable constrained
    Bayesian optimization, section 3.2.
    """
    total = rows.new_zeros(len(rows))
    for limit in limits:
        drawn = limit.process.draw(rows)
        total = total - (limit.sign * (limit.bound - drawn)).clamp_min(0.0)
    return total
