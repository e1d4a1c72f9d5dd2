"""The part of a posterior that the figures do not matter to, grown by one trial at a time.

With L L^T the covariance of the trials and V = L^-1 K(trials, rows), the mean at rows is V^T L^-1 y
and the variance s - diag(V^T V). One more trial is one more row of L, and one more row of V.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ...fallbacks import NoFit
from .kernel import Shape, covariance
from .view import View

JITTER = 1e-8
JITTERS = (JITTER, 1e-6, 1e-4)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Some trials, seen by a kernel.

    Attributes:
        view: how rows become columns.
        shape: the kernel's parameters.
        columns: of the trials, times the roots of their weights  # n x w
        root: the lower Cholesky factor of their covariance  # n x n
        before: the same of all trials but the last; None where it was not grown.
    """

    view: View
    shape: Shape
    columns: Tensor
    root: Tensor
    before: Base | None = None

    @classmethod
    def of(cls, view: View, shape: Shape, columns: Tensor) -> Base:
        """All trials at once, by their columns, not yet weighed  # n x w.

        Raises:
            NoFit: the covariance cannot be factored.
        """
        weighed = columns * shape.roots
        matrix = covariance(weighed, weighed, shape)
        identity = torch.eye(len(columns), dtype=torch.float64)
        for jitter in JITTERS:
            root: Tensor
            root, failed = torch.linalg.cholesky_ex(matrix + (shape.noise + jitter) * identity)
            if not failed and bool(torch.isfinite(root).all()):
                return cls(view, shape, weighed, root)
        raise NoFit("the covariance matrix is not positive definite")

    def grown(self, columns: Tensor) -> Base:
        """The same with one more trial, by its columns, not yet weighed  # w."""
        new = (columns * self.shape.roots).unsqueeze(0)
        across = covariance(self.columns, new, self.shape)  # n x 1
        side = torch.linalg.solve_triangular(self.root, across, upper=False)
        total = self.shape.variance + self.shape.noise + JITTER
        corner = (total - side.square().sum()).clamp_min(JITTER).sqrt()
        size = len(self.root)
        root = self.root.new_zeros(size + 1, size + 1)
        root[:size, :size] = self.root
        root[size, :size] = side.squeeze(-1)
        root[size, size] = corner
        return Base(self.view, self.shape, torch.cat([self.columns, new]), root, self)


def base_of(view: View, theta: bytes, columns: Tensor, until: int) -> Base:
    """The base of these trials (n x w): all of the first so many at once, then one by one.

    In this order always, so that a study that is rebuilt rounds as one that ran through.

    Raises:
        NoFit: the covariance cannot be factored.
    """
    return base_from_bytes(view, theta, columns.numpy().tobytes(), len(columns), until)


@lru_cache(maxsize=16)
def base_from_bytes(view: View, theta: bytes, columns: bytes, count: int, until: int) -> Base:
    """As `base_of`, of numbers that can be remembered."""
    whole = torch.frombuffer(bytearray(columns), dtype=torch.float64).reshape(count, -1)
    if count > until:
        before = columns[: len(columns) // count * (count - 1)]
        return base_from_bytes(view, theta, before, count - 1, until).grown(whole[-1])
    natural = torch.frombuffer(bytearray(theta), dtype=torch.float64).numpy()
    return Base.of(view, Shape.of(natural, view), whole)
