"""Any surrogate's belief after a few more figures, by its own covariance.

Where a surrogate cannot learn a figure cheaply, its joint distribution over rows says what the
figure would change: both are normal, so the conditional is.

    mean(a | v at p) = mean(a) + K(a, p) (K(p, p) + noise)^-1 (v - mean(p))
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..fallbacks import NoFit
from ..parts import Fitted

JITTERS = (0.0, 1e-6, 1e-4, 1e-2)


@dataclass(frozen=True, slots=True)
class Conditioned:
    """What is believed once figures were seen at a few rows.

    Attributes:
        base: what was believed before.
        seen: the rows  # p x d
        values: the figures  # p
        noise: the variance of a figure.
    """

    base: Fitted
    seen: Tensor
    values: Tensor
    noise: float
    root: Tensor = field(init=False)
    surprise: Tensor = field(init=False)

    def __post_init__(self) -> None:
        mean, covariance = self.base.joint(self.seen)
        object.__setattr__(self, "root", _root(covariance, self.noise))
        object.__setattr__(self, "surprise", (self.values - mean).unsqueeze(-1))

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        mean, covariance = self.joint(rows.unsqueeze(-2))
        return mean.squeeze(-1), covariance.flatten().clamp_min(1e-12)

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        count = rows.shape[-2]
        seen = self.seen.expand(*rows.shape[:-2], *self.seen.shape)
        mean, covariance = self.base.joint(torch.cat([rows, seen], dim=-2))
        across = covariance[..., count:, :count]  # ... x p x q
        # The root is of the seen rows by themselves, which is the same in every set.
        turned = torch.linalg.solve_triangular(self.root, across, upper=False)
        wonder = torch.linalg.solve_triangular(self.root, self.surprise, upper=False)
        moved = mean[..., :count] + (turned.mT @ wonder).squeeze(-1)
        return moved, covariance[..., :count, :count] - turned.mT @ turned

    def believing(self, rows: Tensor, values: Tensor) -> Conditioned:
        """The same as if these values had been measured at these rows as well."""
        if not len(rows):
            return self
        seen, told = torch.cat([self.seen, rows]), torch.cat([self.values, values])
        return Conditioned(self.base, seen, told, self.noise)


def _root(covariance: Tensor, noise: float) -> Tensor:
    identity = torch.eye(len(covariance), dtype=covariance.dtype)
    for jitter in JITTERS:
        root: Tensor
        root, failed = torch.linalg.cholesky_ex(covariance + (noise + jitter) * identity)
        if not failed and bool(torch.isfinite(root).all()):
            return root
    raise NoFit("what is believed of several rows together is no covariance")
