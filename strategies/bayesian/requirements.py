"""How likely a trial is to come through and to keep what is required.

Gardner et al. (2014), Bayesian optimization with inequality constraints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .parts import Fitted

RARE = math.log(1e-3)
"""The least log chance to come through that a candidate is given: a failure may be bad luck."""

JITTER = 1e-8


@dataclass(frozen=True, slots=True)
class Limit:
    """A requirement on the scale of its model.

    Attributes:
        fitted: of the metric.
        bound: on the model's scale.
        sign: 1 where values above the bound are safe, -1 where those below are.
    """

    fitted: Fitted
    bound: float
    sign: float


def log_chance(rows: Tensor, limits: Sequence[Limit], success: Fitted | None) -> Tensor:
    """The log probability that a trial comes through and meets every requirement  # n."""
    total = rows.new_zeros(len(rows))
    for limit in limits:
        mean, variance = limit.fitted.moments(rows)
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
        drawn = draw(limit.fitted, rows)
        total = total - (limit.sign * (limit.bound - drawn)).clamp_min(0.0)
    return total


def draw(fitted: Fitted, rows: Tensor) -> Tensor:
    """One joint draw at all of the rows  # n x d -> n."""
    mean, covariance = fitted.joint(rows)
    values, vectors = torch.linalg.eigh(covariance + JITTER * torch.eye(len(rows)).to(rows))
    drawn = torch.randn(len(rows), dtype=rows.dtype) * values.clamp_min(0.0).sqrt()
    values_drawn: Tensor = mean + vectors @ drawn
    return values_drawn
