"""A Gaussian process with fixed parameters.

Written out in closed form: at the sizes of a study, a pass through gpytorch's lazy tensors
costs ten times the algebra.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...fallbacks import NoFit
from .features import Features
from .kernel import Shape, covariance
from .kernel import variance as prior_variance

JITTERS = (0.0, 1e-8, 1e-6, 1e-4)


class Process:
    """The posterior of one metric given what was measured."""

    def __init__(
        self, x: Tensor, y: Tensor, features: Features, shape: Shape, noise: Tensor
    ) -> None:
        """Conditions on `y` (n) at the rows `x` (n x d).

        Raises:
            NoFit: the covariance cannot be factored.
        """
        self.x, self.y, self.features, self.shape, self.noise = x, y, features, shape, noise
        self.columns = features.embed(x)
        self.root = factor(covariance(self.columns, self.columns, features, shape), noise)
        self.mean = best_mean(self.root, y)
        residual = (y - self.mean).unsqueeze(-1)
        self.weights = torch.cholesky_solve(residual, self.root).squeeze(-1)

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each of the rows by itself  # n, n."""
        columns = self.features.embed(rows)
        cross = covariance(columns, self.columns, self.features, self.shape)  # n x data
        mean = self.mean + cross @ self.weights
        solved = torch.linalg.solve_triangular(self.root, cross.T, upper=False)
        variance = prior_variance(columns, self.features, self.shape) - solved.square().sum(0)
        return mean, variance.clamp_min(1e-12)

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        columns = self.features.embed(rows)
        cross = covariance(columns, self.columns, self.features, self.shape)  # ... x q x data
        mean = self.mean + cross @ self.weights
        solved = torch.linalg.solve_triangular(self.root, cross.mT, upper=False)
        within = covariance(columns, columns, self.features, self.shape)
        return mean, within - solved.mT @ solved

    def believing(self, rows: Tensor, values: Tensor) -> Process:
        """The same as if these values had been measured at these rows."""
        if not len(rows):
            return self
        return Process(
            torch.cat([self.x, rows]),
            torch.cat([self.y, values]),
            self.features,
            self.shape,
            self.noise,
        )


def factor(matrix: Tensor, noise: Tensor) -> Tensor:
    """The lower Cholesky factor of a noisy covariance, with as little jitter as it takes.

    Raises:
        NoFit: the matrix is not positive definite, or not finite.
    """
    identity = torch.eye(len(matrix), dtype=matrix.dtype)
    for jitter in JITTERS:
        root: Tensor
        root, failed = torch.linalg.cholesky_ex(matrix + (noise + jitter) * identity)
        if not failed and bool(torch.isfinite(root).all()):
            return root
    raise NoFit("the covariance matrix is not positive definite")


def best_mean(root: Tensor, y: Tensor) -> Tensor:
    """Generalised least squares, towards 0 as if one more value had been seen there."""
    columns = torch.stack([torch.ones_like(y), y], dim=-1)
    ones, values = torch.linalg.solve_triangular(root, columns, upper=False).unbind(-1)
    mean: Tensor = (ones @ values) / (ones @ ones + 1.0)
    return mean
