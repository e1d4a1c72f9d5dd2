"""Networks of which only the last layer is uncertain: the cheap Bayesian neural network.

A few small networks learn what to look at, each without a share of the trials; a Bayesian linear
regression on each one's last hidden units says what follows from it. The belief is their mixture:
what a regression does not know, and how the networks differ. Last layers alone are too sure of
themselves, since the units were made for the same trials; so the variance is scaled up by what
each network gets wrong on the trials that it has not seen.

Snoek et al. (2015), Scalable Bayesian optimization using deep neural networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize
from torch import Tensor

from ...points.encoding import Encoding
from ..fallbacks import NoFit
from ..parts import Fitted, Training
from .conditioned import Conditioned
from .network_inputs import network_inputs

UNITS = 32
DECAY = 0.3
"""Of the weights, per squared error: noise of a tenth of the deviation, times thirty units."""

GRID = 33
"""So many values of each of the regression's two precisions are tried."""

MOST_SCALE = 25.0
"""The variance is scaled by no more: five times the deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLayer:
    """Two hidden layers of tanh units each.

    Attributes:
        networks: how many; each learns without one trial in as many.
        steps: of L-BFGS, for each of them.
    """

    name: ClassVar[str] = "last-layer"
    networks: int = 5
    steps: int = 50

    def fit(self, training: Training) -> Mixture:
        """What the trials let one believe.

        Raises:
            NoFit: the networks' weights, or the regression's, are not finite.
        """
        study = training.study
        generator = study.generator(study.next_trial, f"last-layer/{training.purpose}")
        draws = np.random.default_rng(generator.getrandbits(63))
        x, y, encoding = training.x, training.y, training.rows.encoding
        inputs = network_inputs(encoding, x)
        fold = torch.from_numpy(draws.permutation(len(y)) % self.networks)
        members, missed, allowed = list[Regression](), torch.zeros_like(y), torch.zeros_like(y)
        for at in range(self.networks):
            unseen = fold == at
            # Of one trial, one network leaves out all there is.
            seen = ~unseen if not bool(unseen.all()) else unseen
            network = _trained(inputs[seen].numpy(), y[seen].numpy(), draws, self.steps)
            basis = Basis(encoding, network)
            members.append(Regression.of(basis, basis(x), y))
            ahead = Regression.of(basis, basis(x[seen]), y[seen])
            mean, variance = ahead.moments(x[unseen])
            missed[unseen] = (y[unseen] - mean).square()
            allowed[unseen] = variance + 1.0 / ahead.exactness
        between = torch.stack([each.moments(x)[0] for each in members]).var(0, correction=0)
        scale = float(missed.mean() / (allowed + between).mean())
        return Mixture(tuple(members), min(max(scale, 1.0), MOST_SCALE))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several regressions, as the normal distribution of the same moments.

    Attributes:
        members: of one network each.
        scale: of the variance.
    """

    members: tuple[Regression, ...]
    scale: float

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        means, variances = map(
            torch.stack, zip(*(each.moments(rows) for each in self.members), strict=True)
        )
        variance = self.scale * (variances.mean(0) + means.var(0, correction=0))
        return means.mean(0), variance.clamp_min(1e-12)

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        means, covariances = map(
            torch.stack, zip(*(each.joint(rows) for each in self.members), strict=True)
        )
        centred = (means - means.mean(0)).movedim(0, -1)
        between = centred @ centred.mT / len(self.members)
        return means.mean(0), self.scale * (covariances.mean(0) + between)

    def believing(self, rows: Tensor, values: Tensor) -> Fitted:
        """The same as if these values had been measured at these rows."""
        if not len(rows):
            return self
        noise = sum(1.0 / each.exactness for each in self.members) / len(self.members)
        return Conditioned(self, rows, values, noise)


@dataclass(frozen=True, slots=True)
class Network:
    """One trained network, less its last layer.

    Attributes:
        inner: w x units, and a bias.
        outer: units x units, and a bias.
    """

    inner: tuple[Tensor, Tensor]
    outer: tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a regression is linear in: a network's last hidden units, and a constant."""

    encoding: Encoding
    network: Network

    def __call__(self, rows: Tensor) -> Tensor:
        """The units at rows  # ... x d -> ... x u."""
        inputs, network = network_inputs(self.encoding, rows), self.network
        hidden = torch.tanh(inputs @ network.inner[0] + network.inner[1])
        units = torch.tanh(hidden @ network.outer[0] + network.outer[1])
        return torch.cat([torch.ones_like(units[..., :1]), units], dim=-1)


@dataclass(frozen=True, slots=True)
class Regression:
    """The posterior over the last layer's weights.

    Attributes:
        basis: what it is linear in.
        precision: of a weight, before anything was measured.
        exactness: of a measurement: one over the noise's variance.
        root: the lower Cholesky factor of the posterior precision  # u x u
        weights: their posterior mean  # u
    """

    basis: Basis
    precision: float
    exactness: float
    root: Tensor
    weights: Tensor

    @classmethod
    def of(cls, basis: Basis, units: Tensor, y: Tensor) -> Regression:
        """The regression whose two precisions explain the figures best  # n x u, n.

        Raises:
            NoFit: the posterior precision cannot be factored.
        """
        products, sums = units.T @ units, units.T @ y
        precision, exactness = _precisions(products, sums, y)
        matrix = exactness * products + precision * torch.eye(len(sums), dtype=y.dtype)
        root, failed = torch.linalg.cholesky_ex(matrix)
        if failed or not bool(torch.isfinite(root).all()):
            raise NoFit("the last layer's precision is not positive definite")
        weights = exactness * torch.cholesky_solve(sums.unsqueeze(-1), root)
        return cls(basis, precision, exactness, root, weights.squeeze(-1))

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        units = self.basis(rows)
        spread = torch.linalg.solve_triangular(self.root, units.mT, upper=False)
        return units @ self.weights, spread.square().sum(-2).clamp_min(1e-12)

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        units = self.basis(rows)
        spread = torch.linalg.solve_triangular(self.root, units.mT, upper=False)
        return units @ self.weights, spread.mT @ spread


def _trained(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], draws: np.random.Generator, steps: int
) -> Network:
    """A network of least squared error and small weights, from random ones  # n x w, n."""
    width = x.shape[1]
    shapes = ((width, UNITS), (UNITS,), (UNITS, UNITS), (UNITS,), (UNITS,))
    ends = np.cumsum([math.prod(shape) for shape in shapes])

    def parts(flat: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
        pieces = np.split(flat, ends[:-1])
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        inner, first, outer, second, last = parts(flat)
        hidden = np.tanh(x @ inner + first)
        units = np.tanh(hidden @ outer + second)
        error = units @ last - y
        value = 0.5 * float(error @ error) + 0.5 * DECAY * float(flat @ flat)
        back = np.outer(error, last) * (1.0 - units**2)
        further = (back @ outer.T) * (1.0 - hidden**2)
        slopes = (x.T @ further, further.sum(0), hidden.T @ back, back.sum(0), units.T @ error)
        return value, np.concatenate([slope.ravel() for slope in slopes]) + DECAY * flat

    # The scale of a layer's weights that keeps its units' deviation (LeCun et al. 1998).
    scales = (1.0 / math.sqrt(max(width, 1)), 0.5, 1.0 / math.sqrt(UNITS), 0.5, 0.1)
    start = [
        scale * draws.standard_normal(math.prod(shape))
        for scale, shape in zip(scales, shapes, strict=True)
    ]
    found = minimize(
        loss, np.concatenate(start), jac=True, method="L-BFGS-B", options={"maxiter": steps}
    )
    if not np.all(np.isfinite(found.x)):
        raise NoFit("a network's weights are not finite")
    inner, first, outer, second, _ = (torch.from_numpy(each.copy()) for each in parts(found.x))
    return Network((inner, first), (outer, second))


def _precisions(products: Tensor, sums: Tensor, y: Tensor) -> tuple[float, float]:
    """Of a weight and of a measurement: where the evidence for them is greatest on a grid.

    MacKay (1992), Bayesian interpolation. The noise has the Gaussian process's prior.
    """
    values, vectors = torch.linalg.eigh(products)
    values, turned = values.clamp_min(0.0), (vectors.T @ sums).square()
    precision = torch.logspace(-3, 3, GRID, dtype=y.dtype).reshape(-1, 1, 1)
    exactness = torch.logspace(0, 6, GRID, dtype=y.dtype).reshape(1, -1, 1)
    total = precision + exactness * values
    evidence = 0.5 * (
        len(values) * precision.log().squeeze(-1)
        + len(y) * exactness.log().squeeze(-1)
        - total.log().sum(-1)
        - exactness.squeeze(-1) * y.square().sum()
        + exactness.squeeze(-1).square() * (turned / total).sum(-1)
    )
    evidence = evidence - 0.5 * ((exactness.squeeze(-1).log() - 6.0) / 1.5).square()
    evidence = evidence - 0.5 * (precision.squeeze(-1).log() / 2.0).square()
    best = int(evidence.argmax())
    return float(precision[best // GRID]), float(exactness[0, best % GRID])
