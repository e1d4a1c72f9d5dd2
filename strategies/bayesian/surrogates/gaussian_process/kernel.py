"""One covariance for numbers and choices: main effects, plus all that goes beyond them.

    k(a, b) = t a.b + s Matern52(sqrt(sum_j (a_j - b_j)^2 / l_j^2)) exp(-sum_c w_c [a_c != b_c])

The linear part is what a cost is mostly made of (latency, size), and what lets the model see
past the ends of its data; the product of a Matern and a Hamming kernel is everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .features import Features


@dataclass(frozen=True, slots=True)
class Shape:
    """The kernel's parameters, on the scales of their formula.

    Attributes:
        lengths: one per number  # s
        weights: one per choice  # w
        variance: of the product, a scalar.
        linear: of the slopes, a scalar.
    """

    lengths: Tensor
    weights: Tensor
    variance: Tensor
    linear: Tensor


def covariance(a: Tensor, b: Tensor, features: Features, shape: Shape) -> Tensor:
    """The covariance of all rows of `a` with all rows of `b`.

    Args:
        a: ... x n x d, as `Features.embed` makes them.
        b: ... x m x d.
        features: which column is what.
        shape: the parameters.

    Returns:
        ... x n x m
    """
    split = features.numeric
    result = shape.variance
    if split:
        scale = shape.lengths[features.length_of]
        squared = squared_distance(a[..., :split] / scale, b[..., :split] / scale)
        # The root has no slope at zero, where the kernel is flat all the same.
        distance = (5.0 * squared).clamp_min(1e-20).sqrt()
        result = result * (1.0 + distance + 5.0 / 3.0 * squared) * torch.exp(-distance)
    if features.labelled:
        root = shape.weights[features.weight_of].sqrt()
        squared = squared_distance(a[..., split:] * root, b[..., split:] * root)
        result = result * torch.exp(-squared)
    if not split and not features.labelled:
        result = result * a.new_ones(*a.shape[:-1], b.shape[-2])
    return result + shape.linear * (a - features.middle) @ (b - features.middle).transpose(-1, -2)


def variance(a: Tensor, features: Features, shape: Shape) -> Tensor:
    """The covariance of each row with itself  # ... x n."""
    return shape.variance + shape.linear * (a - features.middle).square().sum(-1)


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Of all rows of `a` from all rows of `b`  # ... x n x d, ... x m x d -> ... x n x m."""
    inner = a @ b.transpose(-1, -2)
    norms = a.square().sum(-1).unsqueeze(-1) + b.square().sum(-1).unsqueeze(-2)
    return (norms - 2.0 * inner).clamp_min(0.0)
