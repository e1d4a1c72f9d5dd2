"""The front of several objectives, and from where the volume under it is measured."""

from __future__ import annotations

import torch
from botorch.utils.multi_objective.pareto import is_non_dominated
from torch import Tensor


def reference_point(values: Tensor) -> Tensor:
    """A little below the worst of the front in each objective, by its own range  # n x m -> m."""
    low, high = torch.quantile(values, torch.tensor([0.25, 0.75]).to(values), dim=0)
    fence = low - 3.0 * (high - low)
    front = values[is_non_dominated(values)]
    spread = values.amax(0) - values.amin(0)
    worst = torch.minimum(torch.maximum(values.amin(0), fence), front.amin(0))
    return worst - 0.01 * spread.clamp_min(1e-6)
