"""What is believed of one metric, given the kernel's parameters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .base import Base
from .kernel import covariance
from .sheet import sheet_of
from .table import table

LEAST = 1e-6
"""The share of the variance that is always left in 32-bit numbers, which tell no less."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """A base with its figures.

    Attributes:
        base: all that the figures do not matter to.
        y: one figure for each trial of the base  # n
        middle, spread: the mean and the deviation that the process takes them by.
    """

    base: Base
    y: Tensor
    middle: float
    spread: float

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        sheet = sheet_of(self.base.view, rows)
        if sheet is None:
            turned = self._turned(rows)
            mean, explained = turned.mT @ self._whitened, turned.square().sum(-2)
            least = 1e-12
        else:
            kept = table(self.base, sheet)
            mean = (self._whitened.float() @ kept.turned).double()
            explained = kept.explained.double()
            least = LEAST
        total = self.base.shape.variance
        variance = (total - explained).clamp_min(least * total)
        return self.middle + self.spread * mean, self.spread**2 * variance

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        view, shape = self.base.view, self.base.shape
        turned = self._turned(rows)
        mean = turned.mT @ self._whitened
        weighed = view.columns(rows) * shape.roots
        within = covariance(weighed, weighed, shape) - turned.mT @ turned
        return self.middle + self.spread * mean, self.spread**2 * within

    def believing(self, rows: Tensor, values: Tensor) -> Posterior:
        """The same as if these values had been measured at these rows."""
        base = self.base
        for columns in base.view.columns(rows):
            base = base.grown(columns)
        return Posterior(base, torch.cat([self.y, values]), self.middle, self.spread)

    @property
    def _whitened(self) -> Tensor:
        """L^-1 y  # n."""
        scaled = ((self.y - self.middle) / self.spread).unsqueeze(-1)
        solved: Tensor = torch.linalg.solve_triangular(self.base.root, scaled, upper=False)
        return solved.squeeze(-1)

    def _turned(self, rows: Tensor) -> Tensor:
        """V at these rows  # ... x q x d -> ... x n x q."""
        view, shape = self.base.view, self.base.shape
        weighed = view.columns(rows) * shape.roots
        across = covariance(self.base.columns, weighed, shape)
        solved: Tensor = torch.linalg.solve_triangular(self.base.root, across, upper=False)
        return solved
