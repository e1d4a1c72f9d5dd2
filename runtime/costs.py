"""What a trial should take, by a model of the completed ones' times: the cost-aware wait.

A Gaussian process on the logarithm of the seconds over the encoded parameters: times are positive
and spread over orders of magnitude, and its deviation is large where nothing like the trial was
run. Lengthscale and noise are the likeliest of a small grid; n is held at `MOST`, so that a fit
takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omniforce.spec.space import Space
from omniforce.strategies.points.encoding import Encoding, UnknownValue

from .store.trial import Trial
from .waiting import Wait, Waiting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 200
"""Completed trials that are looked at, the latest ones."""

_LENGTHS = (0.1, 0.25, 0.5, 1.0, 2.0)
_NOISES = (1e-3, 1e-2, 1e-1, 0.5)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    Attributes:
        x: n x d, encoded points.
        lower: n x n, of the Cholesky decomposition of the covariance with its noise.
        weights: n, the covariance's solution of the standardized times.
    """

    x: NDArray[np.float64]
    lower: NDArray[np.floating[Any]]
    weights: NDArray[np.floating[Any]]
    length: float
    noise: float
    mean: float
    spread: float

    def predict(self, point: Sequence[float]) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm of the seconds."""
        import numpy as np

        k = _kernel(np.asarray([point]), self.x, self.length)[0]
        solved = np.linalg.solve(self.lower, k)
        variance = max(0.0, 1.0 - float(solved @ solved)) + self.noise
        return (
            self.mean + self.spread * float(k @ self.weights),
            self.spread * math.sqrt(variance),
        )


def by_cost(
    space: Space, completed: Sequence[Trial], waiting: Waiting, timeout: float
) -> Wait | None:
    """A wait of its own for each trial; None while there is too little to learn from.

    Args:
        space: of the points.
        completed: trials with a start and an end, oldest first.
        waiting: its options.
        timeout: seconds; the longest wait.
    """
    encoding = Encoding.of(space)
    seen: list[tuple[tuple[float, ...], float]] = []
    for trial in completed[-MOST:]:
        if trial.started is None or trial.finished is None:
            continue
        try:
            point = encoding.encode(trial.present_point)
        except UnknownValue:
            continue  # of an earlier space
        seen.append((point, math.log(max(trial.finished - trial.started, 1e-3))))
    if len(seen) < max(2, waiting.after):
        return None
    found = fit([point for point, _ in seen], [seconds for _, seconds in seen])

    def wait(trial: Trial) -> float:
        try:
            mean, deviation = found.predict(encoding.encode(trial.present_point))
        except UnknownValue:
            return timeout
        expected = math.exp(min(mean + waiting.deviations * deviation, 50.0))
        return min(timeout, max(waiting.least, expected))

    return wait


def fit(points: Sequence[Sequence[float]], logs: Sequence[float]) -> Fit:
    """The likeliest model of the grid; n points of d numbers, and n logarithms of seconds."""
    import numpy as np

    x, y = np.asarray(points, dtype=np.float64), np.asarray(logs, dtype=np.float64)
    mean, spread = float(y.mean()), max(float(y.std()), 1e-3)
    z = (y - mean) / spread
    best: tuple[float, Fit] | None = None
    for length in _LENGTHS:
        covariance = _kernel(x, x, length)
        for noise in _NOISES:
            noisy = covariance + noise * np.eye(len(z))
            lower = np.linalg.cholesky(noisy)
            half = np.linalg.solve(lower, z)
            likelihood = -0.5 * float(half @ half) - float(np.log(np.diag(lower)).sum())
            if best is None or likelihood > best[0]:
                weights = np.linalg.solve(lower.T, half)
                best = likelihood, Fit(x, lower, weights, length, noise, mean, spread)
    assert best is not None  # the grid is not empty
    return best[1]


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Squared exponential, scaled by the root of the dimension so that one grid fits all."""
    import numpy as np

    squares = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
    covariance: NDArray[np.float64] = np.exp(-0.5 * squares / (length**2 * a.shape[1]))
    return covariance
