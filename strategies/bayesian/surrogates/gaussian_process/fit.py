"""Fits a Gaussian process to one metric: the parameters of highest posterior density."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize
from torch import Tensor

from ...fallbacks import NoFit
from .density import negative_log_evidence
from .features import Features
from .kernel import Shape
from .process import Process

NOISE_FLOOR = 1e-6
STEPS = 40


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal priors on the logarithms of the parameters.

    Length scales grow with the root of the dimension, so that the model stays as smooth along
    a diagonal (Hvarfner et al. 2024, Vanilla Bayesian optimization performs great in high
    dimensions).
    """

    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, features: Features) -> Prior:
        """The prior of a space: length scales, weights, variance, slopes, noise."""
        size = max(features.scales + features.weights, 1)
        length, weight = math.log(0.2 * math.sqrt(size)), math.log(2.5 / math.sqrt(size))
        mean = [length] * features.scales + [weight] * features.weights + [0.0, -2.0, -6.0]
        deviation = [1.2] * features.scales + [1.2] * features.weights + [0.7, 2.0, 1.5]
        return cls(
            torch.tensor(mean, dtype=torch.float64), torch.tensor(deviation, dtype=torch.float64)
        )


def fit(x: Tensor, y: Tensor, features: Features) -> Process:
    """The process of highest posterior density.

    Args:
        x: n x d.
        y: n, standardised.
        features: which column is what.

    Raises:
        NoFit: not even with jitter.
    """
    prior, columns = Prior.of(features), features.embed(x)

    def loss(steps: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        theta = prior.mean + prior.deviation * torch.from_numpy(steps)
        value, slopes = negative_log_evidence(columns, y, features, *_unpack(theta, features))
        slope = (prior.deviation * slopes.together).numpy() + steps
        return value + 0.5 * float(steps @ steps), slope

    # In units of the prior's deviation, what the data say little of is settled in one step.
    start = np.zeros(len(prior.mean))
    low, high = start - 6.0, start + 6.0
    low[-1] = (math.log(NOISE_FLOOR) - prior.mean[-1]) / prior.deviation[-1]
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(low, high, strict=True)),
        options={"maxiter": STEPS, "ftol": 1e-5},
    )
    if not np.all(np.isfinite(found.x)):
        raise NoFit("the posterior density is not finite")
    return _process(prior.mean + prior.deviation * torch.from_numpy(found.x), x, y, features)


def unfitted(x: Tensor, y: Tensor, features: Features) -> Process:
    """The process with the prior's own parameters, for data that no fit could be found for."""
    return _process(Prior.of(features).mean, x, y, features)


def _process(theta: Tensor, x: Tensor, y: Tensor, features: Features) -> Process:
    shape, noise = _unpack(theta, features)
    return Process(x, y, features, shape, noise)


def _unpack(theta: Tensor, features: Features) -> tuple[Shape, Tensor]:
    natural = theta.exp()
    scales = features.scales
    return Shape(natural[:scales], natural[scales:-3], natural[-3], natural[-2]), natural[-1]
