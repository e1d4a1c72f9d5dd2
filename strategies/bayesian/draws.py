"""Functions drawn from what a surrogate believes."""

from __future__ import annotations

import torch
from torch import Tensor

from .fallbacks import NoFit
from .parts import Fitted

ANCHORS = 512
"""At so many rows a function is drawn jointly; the cost grows with their third power."""

JITTERS = (1e-10, 1e-8, 1e-6, 1e-4, 1e-2)


class Drawn:
    """One function drawn from what a surrogate believes: asked again, it says the same.

    It is drawn jointly at rows spread over the first ones that it is asked about; at any other row
    it is what is expected there, given these figures.
    """

    def __init__(self, fitted: Fitted) -> None:
        """Draws nothing yet."""
        self._fitted = fitted
        self._anchors = torch.empty(0)
        self._weights = torch.empty(0)

    def __call__(self, rows: Tensor) -> Tensor:
        """The function's values, differentiable in the rows  # n x d -> n."""
        if not len(self._anchors):
            self._draw(spaced(rows, ANCHORS).detach())
        mean, covariance = self._fitted.joint(torch.cat([rows, self._anchors]))
        count = len(rows)
        values: Tensor = mean[:count] + covariance[:count, count:] @ self._weights
        return values

    def _draw(self, rows: Tensor) -> None:
        with torch.no_grad():
            _, covariance = self._fitted.joint(rows)
            root = rooted(covariance)
            # With L z for what is drawn beyond the mean, K^-1 (L z) is L^-T z.
            noise = torch.randn(len(rows), 1, dtype=rows.dtype)
            solved = torch.linalg.solve_triangular(root.mT, noise, upper=True)
        self._anchors, self._weights = rows, solved.squeeze(-1)


def drawn_at(fitted: Fitted, rows: Tensor, count: int) -> Tensor:
    """So many joint draws at these rows  # n x d -> count x n."""
    if not len(rows):
        return rows.new_zeros(count, 0)
    mean, covariance = fitted.joint(rows)
    noise = torch.randn(len(rows), count, dtype=rows.dtype)
    return (mean.unsqueeze(-1) + rooted(covariance) @ noise).mT


def rooted(covariance: Tensor) -> Tensor:
    """The lower Cholesky factor, with as little jitter as it takes  # n x n.

    Raises:
        NoFit: the matrix is not positive semidefinite, or not finite.
    """
    scale = covariance.diagonal().mean().clamp_min(1e-12)
    identity = torch.eye(len(covariance), dtype=covariance.dtype)
    for jitter in JITTERS:
        root: Tensor
        root, failed = torch.linalg.cholesky_ex(covariance + jitter * scale * identity)
        if not failed and bool(torch.isfinite(root).all()):
            return root
    raise NoFit("the covariance of a draw is not positive semidefinite")


def spaced(rows: Tensor, most: int) -> Tensor:
    """At most so many of the rows, evenly spaced  # n x d."""
    return rows[:: -(-len(rows) // most)] if len(rows) > most else rows
