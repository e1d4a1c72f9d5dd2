"""How well a Gaussian process's parameters explain the data, and which way they explain it better.

The slopes are written out: autograd through the same algebra costs three times as much. With G the
slope of the evidence by the covariance, 0.5 (K^-1 - a a^T), a parameter's is the sum of G times
the covariance's own slope, and one of an axis needs no n x n matrix of its own: of weights W,

    sum_ij W_ij (x_i - x_j)^2 = 2 sum_i x_i^2 (W 1)_i - 2 x^T W x        for symmetric W.

Rasmussen & Williams (2006), Gaussian processes for machine learning, section 5.4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .features import Features
from .kernel import Shape, squared_distance
from .process import best_mean, factor


@dataclass(frozen=True, slots=True)
class Slopes:
    """Of the negative log evidence, by the logarithm of each parameter, in the fit's order."""

    lengths: Tensor
    weights: Tensor
    variance: Tensor
    linear: Tensor
    noise: Tensor

    @property
    def together(self) -> Tensor:
        """As one vector: lengths, weights, variance, linear, noise."""
        last = torch.stack([self.variance, self.linear, self.noise])
        return torch.cat([self.lengths, self.weights, last])


def negative_log_evidence(
    x: Tensor, y: Tensor, features: Features, shape: Shape, noise: Tensor
) -> tuple[float, Slopes]:
    """The evidence, with the mean at its best value under a standard normal prior.

    Args:
        x: n x w, as `Features.embed` makes them.
        y: n, standardised.
        features: which column is what.
        shape: the kernel's parameters.
        noise: the variance of what is measured, a scalar.

    Raises:
        NoFit: the covariance cannot be factored.
    """
    split, size = features.numeric, len(y)
    numbers = x[:, :split] / shape.lengths[features.length_of]
    labels = x[:, split:] * shape.weights[features.weight_of].sqrt()
    centred = x - features.middle
    product = shape.variance * x.new_ones(size, size)
    if features.labelled:
        product = product * torch.exp(-squared_distance(labels, labels))
    bend = product
    if split:
        squared = squared_distance(numbers, numbers)
        distance = (5.0 * squared).sqrt()
        shrunk = product * torch.exp(-distance)
        bend = distance.add_(1.0) * shrunk  # its slope by a squared distance is -5/6 of this
        product = bend + (5.0 / 3.0) * squared * shrunk
    matrix = torch.addmm(product, shape.linear * centred, centred.T)
    root = factor(matrix, noise)
    mean = best_mean(root, y)
    residual = (y - mean).unsqueeze(-1)
    solved = torch.cholesky_solve(residual, root)
    value = 0.5 * (residual * solved).sum() + root.diagonal().log().sum() + 0.5 * mean.square()

    # The mean is where its own slope is zero, so that nothing flows through it.
    slope = torch.addmm(torch.cholesky_inverse(root), solved, solved.T, alpha=-1.0).mul_(0.5)
    pull = slope * product
    return float(value), Slopes(
        _by_axis((5.0 / 3.0) * slope * bend, numbers, features.length_of, features.scales),
        _by_axis(-pull, labels, features.weight_of, features.weights),
        pull.sum(),
        shape.linear * ((slope @ centred) * centred).sum(),
        noise * slope.diagonal().sum(),
    )


def _by_axis(weights: Tensor, columns: Tensor, owner: Tensor, owners: int) -> Tensor:
    """Per owner, the weighted sum of squared differences along its columns  # n x n, n x w."""
    if not columns.shape[1]:
        return columns.new_zeros(owners)
    around = weights.sum(1) @ columns.square()
    sums = 2.0 * (around - ((weights @ columns) * columns).sum(0))
    return columns.new_zeros(owners).index_add_(0, owner, sums)
