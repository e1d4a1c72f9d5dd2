"""What a surrogate believes, as BoTorch's acquisition functions want a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from botorch.models.model import Model, ModelList
from botorch.posteriors import GPyTorchPosterior, TorchPosterior
from botorch.sampling import SobolQMCNormalSampler
from gpytorch.distributions import MultivariateNormal
from numpy.polynomial.hermite_e import hermegauss
from torch import Tensor
from torch.distributions import Normal

from .parts import Fitted, Score
from .warp import Warp

PIECE = 512


class OneMetric(Model):  # type: ignore[misc]
    """One metric on its standardised scale."""

    num_outputs = 1  # pyright: ignore - a property in the base class

    def __init__(self, fitted: Fitted) -> None:
        super().__init__()
        self.fitted = fitted

    @property
    def batch_shape(self) -> torch.Size:
        """No batch of models."""
        return torch.Size([])

    def posterior(self, X: Tensor, *_: Any, **__: Any) -> Any:  # noqa: N803
        """The posterior of sets of rows  # ... x q x d -> ... x q x 1."""
        if X.shape[-2] == 1:
            mean, variance = self.fitted.moments(X.reshape(-1, X.shape[-1]))
            shape = X.shape[:-1]
            return GPyTorchPosterior(
                MultivariateNormal(mean.reshape(shape), variance.reshape(*shape, 1))
            )
        mean, covariance = self.fitted.joint(X)
        jitter = 1e-8 * torch.eye(X.shape[-2], dtype=X.dtype)
        return GPyTorchPosterior(MultivariateNormal(mean, covariance + jitter))

    def condition_on_observations(self, X: Tensor, Y: Tensor, **_: Any) -> OneMetric:  # noqa: N803
        """The same as if these had been measured  # p x d, p x 1."""
        return OneMetric(self.fitted.believing(X, Y.squeeze(-1)))


def one_or_many(fitted: Sequence[Fitted]) -> Any:
    """One model of all metrics."""
    models = [OneMetric(each) for each in fitted]
    return models[0] if len(models) == 1 else ModelList(*models)


class Unwarped(Model):  # type: ignore[misc]
    """A metric on its own scale, as the normal distribution of the same moments.

    That scale is shifted and divided so that the data have mean 0 and deviation 1.
    """

    num_outputs = 1  # pyright: ignore - a property in the base class

    def __init__(self, fitted: Fitted, warp: Warp, seen: Tensor) -> None:
        """Takes the standardised figures of the trials, by which the scale is set  # n."""
        super().__init__()
        self.fitted, self.warp = fitted, warp
        linear = warp.linear(seen)
        self.middle, self.spread = linear.mean(), linear.std(correction=0).clamp_min(1e-12)

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
        mean, variance = self.fitted.moments(rows)
        nodes, weights = (torch.from_numpy(each) for each in hermegauss(9))
        weights = weights / weights.sum()
        drawn = self.warp.linear(mean.unsqueeze(-1) + variance.sqrt().unsqueeze(-1) * nodes)
        drawn = (drawn - self.middle) / self.spread
        mean = drawn @ weights
        variance = (drawn - mean.unsqueeze(-1)).square() @ weights
        return mean, variance.clamp_min(1e-18)

    def posterior(self, X: Tensor, *_: Any, **__: Any) -> TorchPosterior:  # noqa: N803
        """The marginals of b single points  # b x 1 x d."""
        mean, variance = self.moments(X.reshape(-1, X.shape[-1]))
        return marginals(mean.reshape(X.shape[:-1]), variance.reshape(X.shape[:-1]))


def marginals(mean: Tensor, variance: Tensor) -> TorchPosterior:
    """The posterior of single points, from their means and variances  # ... x 1 -> ... x 1 x 1."""
    return TorchPosterior(Normal(mean.unsqueeze(-1), variance.sqrt().unsqueeze(-1)))


def quasi_random(samples: int) -> Any:
    """Base samples of Monte Carlo acquisitions; the seed is drawn from torch's own."""
    return SobolQMCNormalSampler(torch.Size([samples]), seed=int(torch.randint(2**31, (1,))))


def scored(function: Any) -> Score:
    """A Monte Carlo acquisition of single rows, a few at a time: their covariances take room."""

    def score(rows: Tensor) -> Tensor:
        return torch.cat([function(piece.unsqueeze(1)) for piece in torch.split(rows, PIECE)])

    return score
