"""Fits a Gaussian process to one metric: the parameters of highest posterior density."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize
from torch import Tensor

from ...fallbacks import NoFit
from .density import negative_log_evidence
from .features import Features
from .kernel import Shape
from .prior import Prior
from .process import Process

NOISE_FLOOR = 1e-6
STEPS = 40


def fit(x: Tensor, y: Tensor, features: Features, prior: Prior) -> Process:
    """The process of highest posterior density.

    Args:
        x: n x d.
        y: n, standardised.
        features: which column is what.
        prior: of the parameters.

    Raises:
        NoFit: not even with jitter.
    """
    columns = features.embed(x)

    def loss(steps: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        away = torch.from_numpy(steps)
        theta = prior.middle + prior.scale * away
        value, slopes = negative_log_evidence(columns, y, features, *_unpack(theta, features))
        penalty, back = prior.penalty(away)
        return value + penalty, (prior.scale * slopes.together + back).numpy()

    # In units of the prior's scale, what the data say little of is settled in one step.
    start = ((prior.start - prior.middle) / prior.scale).numpy()
    low, high = np.full_like(start, -prior.reach), np.full_like(start, prior.reach)
    low[-1] = (math.log(NOISE_FLOOR) - prior.middle[-1]) / prior.scale[-1]
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
    return _process(prior.middle + prior.scale * torch.from_numpy(found.x), x, y, features)


def unfitted(x: Tensor, y: Tensor, features: Features, prior: Prior) -> Process:
    """The process with the prior's own parameters, for data that no fit could be found for."""
    return _process(prior.middle, x, y, features)


def _process(theta: Tensor, x: Tensor, y: Tensor, features: Features) -> Process:
    shape, noise = _unpack(theta, features)
    return Process(x, y, features, shape, noise)


def _unpack(theta: Tensor, features: Features) -> tuple[Shape, Tensor]:
    natural = theta.exp()
    scales = features.scales
    return Shape(natural[:scales], natural[scales:-3], natural[-3], natural[-2]), natural[-1]
