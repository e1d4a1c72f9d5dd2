"""Rows as the columns that the kernel reads: numbers, choices, and what is inactive.

An inactive coordinate has a place of its own, as far from every active value as the two ends
of an axis are from one another: numbers lie on a quarter circle around it (Swersky et al. 2014,
Raiders of the lost architecture, section 3), choices get one more label.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ....points.encoding import Encoding, Labels

QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class Features:
    """Where each coordinate went.

    Attributes:
        plain: the columns of rows with numbers that are always active.
        circled: those with numbers that are not.
        labelled: those with choices, each with the number of its labels, one more where it may be
            inactive.
    """

    plain: tuple[int, ...]
    circled: tuple[int, ...]
    labelled: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, encoding: Encoding) -> Features:
        """The columns of this space."""
        plain, circled = list[int](), list[int]()
        labelled = list[tuple[int, int, int]]()
        for at, (coordinate, axis) in enumerate(zip(encoding.space, encoding.axes, strict=True)):
            conditional = bool(coordinate.conditions)
            if axis.count == 1:
                continue
            if isinstance(axis, Labels) and not axis.ordered:
                labelled.append((at, axis.count, axis.count + conditional))
            elif conditional:
                circled.append(at)
            else:
                plain.append(at)
        return cls(tuple(plain), tuple(circled), tuple(labelled))

    @property
    def width(self) -> int:
        """How many columns there are, numeric ones first."""
        return self.numeric + sum(size for _, _, size in self.labelled)

    @property
    def numeric(self) -> int:
        """How many of them are numbers."""
        return len(self.plain) + 2 * len(self.circled)

    @property
    def middle(self) -> Tensor:
        """The middle of the cube, from which slopes are counted  # d."""
        return torch.tensor([0.5] * self.numeric + [0.0] * (self.width - self.numeric)).double()

    @property
    def length_of(self) -> Tensor:
        """The number of each numeric column's length scale."""
        circled = [at for at in range(len(self.circled)) for _ in range(2)]
        places = [*range(len(self.plain)), *(len(self.plain) + at for at in circled)]
        return torch.tensor(places, dtype=torch.long)

    @property
    def weight_of(self) -> Tensor:
        """The number of each nominal column's weight."""
        places = [at for at, (_, _, size) in enumerate(self.labelled) for _ in range(size)]
        return torch.tensor(places, dtype=torch.long)

    @property
    def scales(self) -> int:
        """How many length scales the numeric columns share."""
        return len(self.plain) + len(self.circled)

    @property
    def weights(self) -> int:
        """How many weights the nominal columns share."""
        return len(self.labelled)

    def embed(self, rows: Tensor) -> Tensor:
        """Rows as the kernel reads them, differentiable in the numbers  # ... x d -> ... x w."""
        columns = [rows[..., list(self.plain)]]
        if self.circled:
            places = rows[..., list(self.circled)]
            active = (places >= 0.0).to(rows)
            turn = torch.stack([(QUARTER * places).cos(), (QUARTER * places).sin()], dim=-1)
            columns.append((turn * active.unsqueeze(-1) / QUARTER).flatten(-2))
        for at, count, size in self.labelled:
            place = rows[..., at]
            label = (place.detach() * count).long().clamp(0, count - 1)
            label = torch.where(place < 0.0, size - 1, label)
            # Two labels are 1 apart, squared.
            columns.append(0.5**0.5 * torch.nn.functional.one_hot(label, size).to(rows))
        return torch.cat(columns, dim=-1)
