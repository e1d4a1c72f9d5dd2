"""How likely a trial is to come through and to keep what is required.

Gardner et al. (2014), Bayesian optimization with inequality constraints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .draws import Drawn
from .parts import Fitted, Score

RARE = math.log(1e-3)
"""The least log chance to come through that a candidate is given: a failure may be bad luck."""


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


def optimistic_violation(
    rows: Tensor, limits: Sequence[Limit], success: Fitted | None, kappa: float
) -> Tensor:
    """How far even the best to be hoped for breaks the requirements, 0 for not at all  # n.

    Xu et al. (2023), Constrained efficient global optimization of expensive black-box functions:
    each is given the benefit of its doubt.

    Args:
        rows: n x d.
        limits: what is required.
        success: of whether a trial comes through.
        kappa: so many deviations are hoped for.
    """
    total = rows.new_zeros(len(rows))
    for limit in limits:
        mean, variance = limit.fitted.moments(rows)
        margin = limit.sign * (mean - limit.bound) + kappa * variance.sqrt()
        total = total + (-margin).clamp_min(0.0)
    if success is not None:
        mean, variance = success.moments(rows)
        total = total + (0.5 - mean - kappa * variance.sqrt()).clamp_min(0.0)
    return total


def drawn_violation(limits: Sequence[Limit], success: Fitted | None) -> Score:
    """How far one draw of every figure breaks the requirements, 0 for not at all  # n x d -> n."""
    paths = [(limit, Drawn(limit.fitted)) for limit in limits]
    through = None if success is None else Drawn(success)

    def violation(rows: Tensor) -> Tensor:
        total = rows.new_zeros(len(rows))
        for limit, drawn in paths:
            total = total + (limit.sign * (limit.bound - drawn(rows))).clamp_min(0.0)
        return total if through is None else total + (0.5 - through(rows)).clamp_min(0.0)

    return violation


def least_violation(limits: Sequence[Limit], success: Fitted | None) -> Score:
    """The score for as long as nothing meets all requirements: how little a draw breaks them.

    Eriksson & Poloczek (2021), Scalable constrained Bayesian optimization, section 3.2. Where the
    draw keeps them all, the surest point is the best.
    """
    violation = drawn_violation(limits, success)

    def score(rows: Tensor) -> Tensor:
        broken = violation(rows)
        return torch.where(broken > 0.0, -broken, log_chance(rows, limits, success).exp())

    return score
