"""How well the kernel's parameters explain the data, and which way they explain it better.

In numpy, since at these sizes half of the time goes into the calls themselves. The slopes are
those of Rasmussen & Williams (2006), Gaussian processes for machine learning, section 5.4.1: with
G = (K^-1 - a a^T) / 2, a parameter's is the sum of G times the covariance's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs  # pyright: ignore

from .kernel import Vector, parameters
from .view import Term, View

JITTER = 1e-8


@dataclass(frozen=True, slots=True)
class Apart:
    """How far the trials are from one another under each weight.

    Attributes:
        terms: of the kernel.
        squared: per term, per weight, all pairs  # weights x n^2
    """

    terms: tuple[Term, ...]
    squared: tuple[npt.NDArray[np.float64], ...]

    @classmethod
    def of(cls, columns: npt.NDArray[np.float64], view: View) -> Apart:
        """The distances of these columns, n x w."""
        squared = list[npt.NDArray[np.float64]]()
        before = 0
        for term in view.terms:
            own = columns[:, term.start : term.stop]
            owner = view.owner[term.start : term.stop] - before
            squared.append(
                np.stack([_squared(own[:, owner == each]) for each in range(term.weights)])
                if term.weights
                else np.zeros((0, len(columns) ** 2))
            )
            before += term.weights
        return cls(view.terms, tuple(squared))


def negative_log_evidence(theta: Vector, apart: Apart, y: Vector) -> tuple[float, Vector] | None:
    """The negative log evidence and its slopes by theta; None where nothing can be factored.

    Args:
        theta: logarithms, in the order of `kernel.parameters`, last the noise.
        apart: how far the trials are from one another.
        y: standardised  # n
    """
    size = len(y)
    natural = np.exp(theta)
    products = list[Vector]()
    matrix = np.zeros(size * size)
    for (variance, weights), squared in zip(parameters(apart.terms), apart.squared, strict=True):
        product = natural[variance] * np.exp(-(natural[weights] @ squared))
        matrix += product
        products.append(product)
    matrix[:: size + 1] += natural[-1] + JITTER
    root, failed = dpotrf(matrix.reshape(size, size), lower=1, clean=1)
    if failed:
        return None
    solved = dpotrs(root, y, lower=1)[0]
    value = 0.5 * float(y @ solved) + float(np.log(np.diagonal(root)).sum())

    inverse = dpotri(root, lower=1)[0]  # its lower half
    inverse += np.tril(inverse, -1).T
    pull = (0.5 * (inverse - np.outer(solved, solved))).ravel()
    slope = np.empty_like(theta)
    for (variance, weights), squared, product in zip(
        parameters(apart.terms), apart.squared, products, strict=True
    ):
        pulled = pull * product
        slope[variance] = pulled.sum()
        slope[weights] = -natural[weights] * (squared @ pulled)
    slope[-1] = natural[-1] * pull[:: size + 1].sum()
    return value, slope


def _squared(columns: npt.NDArray[np.float64]) -> Vector:
    """Squared distances of all pairs of rows, as one vector."""
    inner = columns @ columns.T
    norms = np.diagonal(inner)
    found: Vector = np.maximum(norms[:, None] + norms[None, :] - 2.0 * inner, 0.0).ravel()
    return found
