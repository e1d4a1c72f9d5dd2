"""Fits the kernel's parameters: those of highest posterior density.

They are refitted at every third trial or so, from the prior's mean, on the trials up to there: a
study that is rebuilt from its trials finds what it would have found had it run through, and what
was found is kept for the trials in between.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from ...fallbacks import NoFit
from .density import apart, negative_log_evidence
from .kernel import Vector
from .view import View

FEW = 100
"""From so many trials on, fits are further apart: twice as far up to twice as many, and so on."""

MOST = 250
"""A fit reads no more trials: the best half and the newest half of so many."""

NOISE_FLOOR = 1e-6
STEPS = 40


def fitted_until(told: int, every: int) -> int:
    """How many of the trials told the parameters are fitted to, at least one.

    Args:
        told: how many there are.
        every: how many trials apart two fits are, as long as there are few.
    """
    apart = every * max(1, -(-told // FEW))
    return max(told - told % apart, min(told, apart))


WIDTH = 0.25
"""How far two random points are apart, squared and weighed, before there are data.

The one constant that was chosen by looking at tables, those of cells: 3 and more did worse, 0.2 to
0.8 about the same (docs/strategies.md).
"""

NOISE = 1e-3
"""The share of the variance that is of a trial alone, before there are data: a thousandth."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal priors on the logarithms of the parameters.

    Before there are data the function is taken for a smooth one, nearly a sum over the variables:
    two random points are `WIDTH` apart in all, shared out equally among the weights, under each of
    which they are 1 apart. The variance follows, since two standardised figures differ by 2 in the
    mean of their squares, and the kernel says that they differ by 2 s (1 - exp(-WIDTH)).
    """

    mean: Vector
    deviation: Vector

    @classmethod
    def of(cls, view: View) -> Prior:
        """The prior of a space, for the variance, the weights and the noise."""
        variance = -math.log1p(-math.exp(-WIDTH))
        weights = [math.log(WIDTH / max(view.weights, 1))] * view.weights
        mean = [variance, *weights, math.log(NOISE)]
        return cls(np.array(mean), np.array([1.0] * (1 + view.weights) + [1.5]))


def fit(view: View, columns: npt.NDArray[np.float64], y: Vector) -> Vector:
    """Theta of highest posterior density.

    Args:
        view: of the space.
        columns: of the trials, by the view  # n x w
        y: standardised  # n

    Raises:
        NoFit: no covariance on the way could be factored.
    """
    if len(y) > MOST:
        kept = telling(y)
        columns, y = columns[kept], y[kept]
    # A dict by content would hash the same bytes; `lru_cache` also forgets.
    return densest(view, columns.tobytes(), y.tobytes(), len(y))


@lru_cache(maxsize=64)
def densest(view: View, columns: bytes, figures: bytes, size: int) -> Vector:
    """As `fit`, of numbers that can be remembered."""
    y = np.frombuffer(figures)
    prior = Prior.of(view)
    squared = apart(np.frombuffer(columns).reshape(size, -1), view)

    def loss(steps: Vector) -> tuple[float, Vector]:
        found = negative_log_evidence(prior.mean + prior.deviation * steps, squared, y)
        if found is None:
            return 1e10, np.zeros_like(steps)
        value, slope = found
        return value + 0.5 * float(steps @ steps), prior.deviation * slope + steps

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
        options={"maxiter": STEPS},
    )
    if not np.all(np.isfinite(found.x)) or found.fun >= 1e10:
        raise NoFit("the posterior density is not finite")
    theta: Vector = prior.mean + prior.deviation * found.x
    theta.flags.writeable = False
    return theta


def telling(y: Vector) -> npt.NDArray[np.int64]:
    """The places of `MOST` trials, in order: the best half of them, and the newest of the rest."""
    best = np.argsort(-y, kind="stable")[: MOST // 2]
    rest = np.setdiff1d(np.arange(len(y)), best)[-(MOST - len(best)) :]
    return np.sort(np.concatenate([best, rest]))
