"""The effective networks of many points: what is left once absent and dead edges are gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .cell import Cell, Operations

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Networks:
    """n networks of one cell, an edge a row.

    Attributes:
        cell: what they are networks of.
        operations: e x n, as `Cell.operations`; of no meaning where an edge is not live.
        live: e x n, whether an edge has an operation and lies on a path from input to output.
        identity: e x n, which of the live edges only hand on what they get.
        forward: the edges so that all that lead to a node come before those that leave it.
    """

    cell: Cell
    operations: Operations
    live: Flags
    identity: Flags
    forward: tuple[int, ...]

    @classmethod
    def of(cls, cell: Cell, operations: Operations) -> Networks:
        """The networks of these operations, n x e."""
        chosen = np.ascontiguousarray(operations.T)
        present = (chosen >= 0) & ~np.array(cell.absent, np.bool_)[chosen]
        forward = tuple(sorted(range(len(cell.edges)), key=lambda edge: cell.edges[edge][::-1]))
        fed = np.zeros((cell.nodes, chosen.shape[1]), np.bool_)
        used = np.zeros_like(fed)
        fed[0] = used[-1] = True
        for edge in forward:
            source, target = cell.edges[edge]
            fed[target] |= fed[source] & present[edge]
        for edge in _backward(cell):
            source, target = cell.edges[edge]
            used[source] |= used[target] & present[edge]
        sources, targets = (list(ends) for ends in zip(*cell.edges, strict=True))
        live = present & fed[sources] & used[targets]
        identity = live & np.array(cell.identity, np.bool_)[chosen]
        return cls(cell, chosen, live, identity, forward)

    @property
    def count(self) -> int:
        """How many networks there are."""
        return len(self.live[0])

    @property
    def backward(self) -> tuple[int, ...]:
        """The edges so that all that leave a node come before those that lead to it."""
        return _backward(self.cell)


def _backward(cell: Cell) -> tuple[int, ...]:
    return tuple(sorted(range(len(cell.edges)), key=lambda edge: cell.edges[edge], reverse=True))
