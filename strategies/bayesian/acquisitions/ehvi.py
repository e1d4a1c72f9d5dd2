"""Expected hypervolume improvement, the acquisition of several objectives.

Yang et al. (2019), Efficient computation of expected hypervolume improvement using box
decomposition algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from botorch.acquisition.multi_objective.analytic import ExpectedHypervolumeImprovement
from botorch.models.model import ModelList
from botorch.utils.multi_objective.box_decompositions import (
    FastNondominatedPartitioning,
    NondominatedPartitioning,
)
from torch import Tensor

from ..as_botorch import Unwarped
from ..belief import Belief
from ..front import reference_point
from ..parts import Score
from .log_ei import LogEI

MANY_OBJECTIVES = 4
"""From here on the boxes above the front are approximated; they would be too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EHVI:
    """What a trial adds to the volume under the front of posterior means, in the metrics' units."""

    name: ClassVar[str] = "ehvi"
    logged: ClassVar[bool] = True
    several: ClassVar[bool] = True
    timed: ClassVar[bool] = False
    joint: ClassVar[bool] = False

    def build(self, belief: Belief, pending: Tensor) -> Score:
        """The log improvement; trials that are out say nothing."""
        if len(belief.objectives) == 1:
            return LogEI().build(belief, pending)
        # A volume depends on the scale, and the metric's own is the one that a user reads.
        models = [
            Unwarped(*each)
            for each in zip(belief.objectives, belief.warps, belief.values.unbind(-1), strict=True)
        ]
        means = torch.stack([each.moments(belief.baseline)[0] for each in models], dim=-1)  # n x m
        reference = reference_point(means)
        for at, (model, figure) in enumerate(zip(models, belief.references, strict=True)):
            if figure is not None:
                reference[at] = model.standing(figure)
        boxes: Any = (
            FastNondominatedPartitioning(reference, means)
            if len(models) < MANY_OBJECTIVES
            else NondominatedPartitioning(reference, means, alpha=1e-3)
        )
        function = ExpectedHypervolumeImprovement(ModelList(*models), reference.tolist(), boxes)
        return lambda rows: function(rows.unsqueeze(1)).clamp_min(1e-300).log()
