"""How well the kernel's parameters explain the data, and which way they explain it better.

In numpy, since at these sizes half of the time goes into the calls themselves. The slopes are
those of Rasmussen & Williams (2006), Gaussian processes for machine learning, section 5.4.1: with
G = (K^-1 - a a^T) / 2, a parameter's is the sum of G times the covariance's own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs  # pyright: ignore

from .kernel import Vector
from .view import View

Matrix = npt.NDArray[np.float64]

JITTER = 1e-8


def apart(columns: Matrix, view: View) -> Matrix:
    """How far trials (n x w) are from one another under each weight, squared  # weights x n^2."""
    found = np.zeros((view.weights, len(columns) ** 2))
    for weight in range(view.weights):
        found[weight] = _squared(columns[:, view.owner == weight])
    return found


def negative_log_evidence(theta: Vector, squared: Matrix, y: Vector) -> tuple[float, Vector] | None:
    """The negative log evidence and its slopes by theta; None where nothing can be factored.

    Args:
        theta: logarithms of the variance, the weights and the noise.
        squared: how far the trials are from one another, by `apart`.
        y: standardised  # n
    """
    size = len(y)
    natural = np.exp(theta)
    product = natural[0] * np.exp(-(natural[1:-1] @ squared))
    matrix = product.reshape(size, size).copy()
    matrix.ravel()[:: size + 1] += natural[-1] + JITTER
    root, failed = dpotrf(matrix, lower=1, clean=1)
    if failed:
        return None
    solved = dpotrs(root, y, lower=1)[0]
    value = 0.5 * float(y @ solved) + float(np.log(np.diagonal(root)).sum())

    inverse = dpotri(root, lower=1)[0]  # its lower half
    inverse += np.tril(inverse, -1).T
    pull = (0.5 * (inverse - np.outer(solved, solved))).ravel()
    pulled = pull * product
    slope = np.empty_like(theta)
    slope[0] = pulled.sum()
    slope[1:-1] = -natural[1:-1] * (squared @ pulled)
    slope[-1] = natural[-1] * pull[:: size + 1].sum()
    return value, slope


def _squared(columns: Matrix) -> Vector:
    """Squared distances of all pairs of rows, as one vector."""
    inner = columns @ columns.T
    norms = np.diagonal(inner)
    found: Vector = np.maximum(norms[:, None] + norms[None, :] - 2.0 * inner, 0.0).ravel()
    return found
