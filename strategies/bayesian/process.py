"""A Gaussian process with fixed parameters, as BoTorch's acquisition functions want a model.

Written out in closed form: at the sizes of a study, a pass through gpytorch's lazy tensors
costs ten times the algebra.
"""

from __future__ import annotations

from typing import Any

import torch
from botorch.models.model import Model
from botorch.posteriors import TorchPosterior
from numpy.polynomial.hermite_e import hermegauss
from torch import Tensor
from torch.distributions import Normal

from .fallbacks import NoFit
from .features import Features
from .kernel import Shape, covariance
from .kernel import variance as prior_variance
from .warp import Warp

JITTERS = (0.0, 1e-8, 1e-6, 1e-4)


class Process(Model):  # type: ignore[misc]
    """The posterior of one metric given what was measured."""

    num_outputs = 1  # pyright: ignore - a property in the base class

    def __init__(
        self, x: Tensor, y: Tensor, features: Features, shape: Shape, noise: Tensor
    ) -> None:
        """Conditions on `y` (n) at the rows `x` (n x d).

        Raises:
            NoFit: the covariance cannot be factored.
        """
        super().__init__()
        self.x, self.y, self.features, self.shape_, self.noise = x, y, features, shape, noise
        self.root = factor(covariance(x, x, features, shape), noise)
        self.mean_ = best_mean(self.root, y)
        residual = (y - self.mean_).unsqueeze(-1)
        self.weights_ = torch.cholesky_solve(residual, self.root).squeeze(-1)

    @property
    def batch_shape(self) -> torch.Size:
        """No batch of models."""
        return torch.Size([])

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each of the rows by itself  # n, n."""
        cross = covariance(rows, self.x, self.features, self.shape_)  # n x data
        mean = self.mean_ + cross @ self.weights_
        solved = torch.linalg.solve_triangular(self.root, cross.T, upper=False)
        variance = prior_variance(rows, self.features, self.shape_) - solved.square().sum(0)
        return mean, variance.clamp_min(1e-12)

    def draw(self, rows: Tensor) -> Tensor:
        """One joint draw at all of the rows  # n."""
        cross = covariance(rows, self.x, self.features, self.shape_)
        solved = torch.linalg.solve_triangular(self.root, cross.T, upper=False)
        joint = covariance(rows, rows, self.features, self.shape_) - solved.T @ solved
        root = factor(joint, self.noise.new_tensor(1e-9))
        mean = self.mean_ + cross @ self.weights_
        return mean + root @ torch.randn(len(rows), dtype=rows.dtype)

    def believing(self, rows: Tensor) -> Process:
        """The same as if its own mean had been measured at these rows.

        The kriging believer (Ginsbourger et al. 2010, Kriging is well-suited to parallelize
        optimization): what is pending is no longer worth asking for.
        """
        if not len(rows):
            return self
        mean, _ = self.moments(rows)
        return Process(
            torch.cat([self.x, rows]),
            torch.cat([self.y, mean]),
            self.features,
            self.shape_,
            self.noise,
        )

    def posterior(self, X: Tensor, *_: Any, **__: Any) -> TorchPosterior:  # noqa: N803
        """The marginals of b single points, which is all that is asked here.

        Args:
            X: b x 1 x d.
        """
        mean, variance = self.moments(X.squeeze(-2))
        return marginals(mean, variance)


class Unwarped(Model):  # type: ignore[misc]
    """A process on its metric's own scale, as the normal distribution of the same moments.

    That scale is shifted and divided so that the data have mean 0 and deviation 1.
    """

    num_outputs = 1  # pyright: ignore - a property in the base class

    def __init__(self, process: Process, warp: Warp) -> None:
        super().__init__()
        self.process, self.warp = process, warp
        seen = warp.linear(process.y)
        self.middle, self.spread = seen.mean(), seen.std(correction=0).clamp_min(1e-12)

    def standing(self, figure: float) -> Tensor:
        """Where a figure in the metric's own unit stands on this scale."""
        placed: Tensor = (self.warp.sign * figure / self.warp.unit - self.middle) / self.spread
        return placed

    @property
    def batch_shape(self) -> torch.Size:
        """No batch of models."""
        return torch.Size([])

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each of the rows by itself, by Gauss-Hermite quadrature  # n, n."""
        mean, variance = self.process.moments(rows)
        nodes, weights = (torch.from_numpy(each) for each in hermegauss(9))
        weights = weights / weights.sum()
        drawn = self.warp.linear(mean.unsqueeze(-1) + variance.sqrt().unsqueeze(-1) * nodes)
        drawn = (drawn - self.middle) / self.spread
        mean = drawn @ weights
        variance = (drawn - mean.unsqueeze(-1)).square() @ weights
        return mean, variance.clamp_min(1e-18)

    def posterior(self, X: Tensor, *_: Any, **__: Any) -> TorchPosterior:  # noqa: N803
        """The marginals of b single points  # b x 1 x d."""
        mean, variance = self.moments(X.squeeze(-2))
        return marginals(mean, variance)


def marginals(mean: Tensor, variance: Tensor) -> TorchPosterior:
    """The posterior of b single points, from n means and variances  # b x 1 x 1."""
    shape = (-1, 1, 1)
    return TorchPosterior(Normal(mean.reshape(shape), variance.sqrt().reshape(shape)))


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
