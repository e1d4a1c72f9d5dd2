"""Points as the columns that the kernel reads: numbers, choices, and what is inactive.

An inactive coordinate has a place of its own, as far from every active value as the two ends
of an axis are from one another: numbers lie on a quarter circle around it (Swersky et al. 2014,
Raiders of the lost architecture, section 3), choices get one more label.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from omniforce.spec.space import Assignment

from ..encoding import Encoding, Labels

QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class Features:
    """Where each coordinate went.

    Attributes:
        encoding: of the space.
        numeric: per numeric column, the number of its length scale; columns come first.
        nominal: per nominal column, the number of its weight.
    """

    encoding: Encoding
    numeric: tuple[int, ...]
    nominal: tuple[int, ...]

    @classmethod
    def of(cls, encoding: Encoding) -> Features:
        """The columns of this space."""
        numeric, nominal = list[int](), list[int]()
        scales = weights = 0
        for coordinate, axis in zip(encoding.space, encoding.axes, strict=True):
            if axis.count == 1:
                continue
            conditional = bool(coordinate.conditions)
            if isinstance(axis, Labels) and not axis.ordered:
                nominal += [weights] * (axis.count + conditional)
                weights += 1
            else:
                numeric += [scales] * (1 + conditional)
                scales += 1
        return cls(encoding, tuple(numeric), tuple(nominal))

    @property
    def middle(self) -> Tensor:
        """The middle of the cube, from which slopes are counted  # d."""
        return torch.tensor([0.5] * len(self.numeric) + [0.0] * len(self.nominal)).double()

    @property
    def length_of(self) -> Tensor:
        """The number of each numeric column's length scale."""
        return torch.tensor(self.numeric, dtype=torch.long)

    @property
    def weight_of(self) -> Tensor:
        """The number of each nominal column's weight."""
        return torch.tensor(self.nominal, dtype=torch.long)

    @property
    def scales(self) -> int:
        """How many length scales the numeric columns share."""
        return len(set(self.numeric))

    @property
    def weights(self) -> int:
        """How many weights the nominal columns share."""
        return len(set(self.nominal))

    def rows(self, points: Iterable[Assignment]) -> Tensor:
        """N points as  # n x d."""
        rows = [self._row(point) for point in points]
        width = len(self.numeric) + len(self.nominal)
        return torch.tensor(rows, dtype=torch.float64).reshape(len(rows), width)

    def _row(self, point: Assignment) -> list[float]:
        numeric, nominal = list[float](), list[float]()
        places = self.encoding.key(point)
        for coordinate, axis, place in zip(
            self.encoding.space, self.encoding.axes, places, strict=True
        ):
            if axis.count == 1:
                continue
            conditional = bool(coordinate.conditions)
            if isinstance(axis, Labels) and not axis.ordered:
                label = axis.count if place is None else int(place * axis.count)
                # Two labels are 1 apart, squared.
                nominal += [0.5**0.5 * (at == label) for at in range(axis.count + conditional)]
            elif not conditional:
                numeric.append(0.5 if place is None else place)
            elif place is None:
                numeric += [0.0, 0.0]
            else:
                numeric += _on_circle(place)
        return numeric + nominal


def _on_circle(place: float) -> list[float]:
    return [math.cos(QUARTER * place) / QUARTER, math.sin(QUARTER * place) / QUARTER]
