"""Points as rows of numbers, one column a coordinate, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment

from ..points.encoding import Encoding, Interval, Key, Labels

ABSENT = -1.0
"""What an inactive coordinate has in its column."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Each column holds the place on the coordinate's axis, from 0 to 1, or `ABSENT`."""

    encoding: Encoding

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.encoding.axes)

    def of(self, points: Iterable[Assignment]) -> Tensor:
        """N points as  # n x d."""
        return self.of_keys(map(self.encoding.key, points))

    def of_keys(self, keys: Iterable[Key]) -> Tensor:
        """The N points of these keys as  # n x d."""
        rows = [[ABSENT if place is None else place for place in key] for key in keys]
        return torch.tensor(rows, dtype=torch.float64).reshape(len(rows), self.width)

    def point(self, row: Tensor) -> dict[str, Value]:
        """The point that stands at a row (d); it may break constraints, which `Sampler` mends."""
        return self.encoding.decode([max(place, 0.0) for place in row.tolist()])

    @property
    def continuous(self) -> tuple[int, ...]:
        """The columns along which a row may move smoothly."""
        axes = self.encoding.axes
        return tuple(at for at, axis in enumerate(axes) if isinstance(axis, Interval))

    @property
    def nominal(self) -> tuple[int, ...]:
        """The columns whose values have no order."""
        axes = self.encoding.axes
        return tuple(
            at for at, axis in enumerate(axes) if isinstance(axis, Labels) and not axis.ordered
        )
