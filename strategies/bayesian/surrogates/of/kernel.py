"""A sum of products: each term a squared exponential over all of its columns.

    k(a, b) = s_1 exp(-sum_j w_j |raw_j(a) - raw_j(b)|^2)
            + s_2 exp(-sum_j v_j |raw_j(a) - raw_j(b)|^2 - sum_g u_g |shape_g(a) - shape_g(b)|^2)

For a choice the squared distance is that of Hamming, up to scale: 0 or 1. The second term is there
where the space declares cells; the first keeps apart what the second takes for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..gaussian_process.kernel import squared_distance
from .view import Term, View

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """The kernel's parameters, on the scales of the formula.

    Attributes:
        variances: of the terms  # t
        roots: per column, the root of its weight  # w
        noise: the variance of what is measured beyond the kernel.
    """

    variances: tuple[float, ...]
    roots: Tensor
    noise: float

    @classmethod
    def of(cls, theta: Vector, view: View) -> Shape:
        """From their logarithms: for each term its variance and its weights, last the noise."""
        variances, weights = list[float](), list[float]()
        natural = np.exp(theta)
        at = 0
        for term in view.terms:
            variances.append(float(natural[at]))
            weights += natural[at + 1 : at + 1 + term.weights].tolist()
            at += 1 + term.weights
        roots = torch.from_numpy(np.sqrt(np.array(weights))[view.owner])
        return cls(tuple(variances), roots, float(natural[at]))

    @property
    def variance(self) -> float:
        """Of every point by itself, less the noise."""
        return sum(self.variances)


def covariance(a: Tensor, b: Tensor, shape: Shape, terms: tuple[Term, ...]) -> Tensor:
    """The covariance of all rows of `a` with all of `b`, both weighed.

    Args:
        a: ... x n x w, columns of a view times the roots of their weights.
        b: ... x m x w.
        shape: for the terms' variances.
        terms: which columns belong to which.

    Returns:
        ... x n x m
    """
    total = a.new_zeros(())
    for variance, term in zip(shape.variances, terms, strict=True):
        left, right = a[..., term.start : term.stop], b[..., term.start : term.stop]
        total = total + variance * squared_distance(left, right).neg_().exp_()
    return total


def parameters(terms: tuple[Term, ...]) -> Iterator[tuple[int, slice]]:
    """Where each term's variance and its weights stand in theta."""
    at = 0
    for term in terms:
        yield at, slice(at + 1, at + 1 + term.weights)
        at += 1 + term.weights
