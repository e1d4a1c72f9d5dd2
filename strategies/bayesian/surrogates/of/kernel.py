"""A squared exponential over all columns of a view.

    k(a, b) = s exp(-sum_j w_j |raw_j(a) - raw_j(b)|^2 - sum_g u_g |shape_g(a) - shape_g(b)|^2)

For a choice the squared distance is that of Hamming, up to scale: 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..gaussian_process.kernel import squared_distance
from .view import View

Vector = npt.NDArray[np.float64]
"""As theta: the logarithms of the variance, of the weights, and of the noise."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The kernel's parameters, on the scales of the formula.

    Attributes:
        variance: of every point by itself, less the noise.
        roots: per column, the root of its weight  # w
        noise: the variance of what is measured beyond the kernel.
    """

    variance: float
    roots: Tensor
    noise: float

    @classmethod
    def of(cls, theta: Vector, view: View) -> Shape:
        """From their logarithms."""
        variance, *weights, noise = np.exp(theta).tolist()
        roots = torch.from_numpy(np.sqrt(np.array(weights))[view.owner])
        return cls(variance, roots, noise)


def covariance(a: Tensor, b: Tensor, shape: Shape) -> Tensor:
    """The covariance of all rows of `a` with all of `b`, both weighed.

    Args:
        a: ... x n x w, columns of a view times the roots of their weights.
        b: ... x m x w.
        shape: for the variance.

    Returns:
        ... x n x m
    """
    return squared_distance(a, b).neg_().exp_() * shape.variance
