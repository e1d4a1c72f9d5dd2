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
from .prior import Prior
from .process import Process

NOISE_FLOOR = 1e-6
STEPS = 25

SCOUTED, SCOUTING = 100, 12
"""So many trials and steps tell which start is the better one."""

Vector = npt.NDArray[np.float64]


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
    columns, size = features.embed(x), len(y)
    some = torch.linspace(0, size - 1, min(size, SCOUTED)).long()
    scouted = _Descent(columns[some], y[some], features, prior)
    scouts = [scouted.descend(prior.away(start), SCOUTING, 1e-4) for start in prior.starts]
    found = min(scouts, key=lambda each: (not math.isfinite(each.value), each.value))
    found = _Descent(columns, y, features, prior).descend(found.steps, STEPS, 1e-5)
    if not np.all(np.isfinite(found.steps)):
        raise NoFit("the posterior density is not finite")
    return _process(prior.at(torch.from_numpy(found.steps)), x, y, features)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a descent ended.

    Attributes:
        value: the negative log posterior there.
        steps: how many scales away from the prior's middle  # p
    """

    value: float
    steps: Vector


@dataclass(frozen=True, slots=True)
class _Descent:
    """To higher posterior density, of some trials."""

    columns: Tensor
    y: Tensor
    features: Features
    prior: Prior

    def descend(self, start: Vector, steps: int, enough: float) -> _Found:
        """So many steps of L-BFGS from a start, until one gains less than enough of the value."""
        # In units of the prior's scale, what the data say little of is settled in one step.
        low = np.full(len(start), -self.prior.reach)
        low[-1] = self.prior.away(torch.full_like(self.prior.middle, math.log(NOISE_FLOOR)))[-1]
        found = minimize(
            self._loss,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(each, self.prior.reach) for each in low],
            options={"maxiter": steps, "ftol": enough},
        )
        return _Found(float(found.fun), found.x)

    def _loss(self, steps: Vector) -> tuple[float, Vector]:
        away = torch.from_numpy(steps)
        shape, noise = _unpack(self.prior.at(away), self.features)
        value, slopes = negative_log_evidence(self.columns, self.y, self.features, shape, noise)
        penalty, back = self.prior.penalty(away)
        return value + penalty, (self.prior.scale * slopes.together + back).numpy()


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
