"""The features of all cells of a space, in groups that a kernel may weigh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from omniforce.spec.space import Assignment, Space

from . import paths, subtrees
from .cell import Cell, Operations
from .mixing import Labels, mixed
from .network import Networks
from .numbers import (
    SHAPE,
    Rows,
    degrees,
    edge_operations,
    edges_width,
    operation_counts,
    shape,
    working,
)
from .per_path import extreme_paths, mean_path

Part = tuple[str, Callable[[Cell], int], Callable[[Networks], Rows]]

PARTS: tuple[Part, ...] = (
    ("operations", lambda cell: len(working(cell)), operation_counts),
    ("shape", lambda cell: len(SHAPE), shape),
    ("mean-path", lambda cell: len(working(cell)), mean_path),
    ("extreme-paths", lambda cell: 2 * len(working(cell)), extreme_paths),
    ("degrees", lambda cell: 2 * (cell.nodes - 1), degrees),
    ("edges", edges_width, edge_operations),
    ("paths", paths.width, paths.path_words),
    ("fed-by", lambda cell: subtrees.BUCKETS, subtrees.fed_by),
    ("leading-to", lambda cell: subtrees.BUCKETS, subtrees.leading_to),
)
"""Name, width and function of each group, those of few columns first."""

PIECE = 2**16
"""Edges that are worked on at once, so that what is in between is small and stays in the cache."""

AT_ONCE = 64
"""Networks at least, however large they are, since each edge costs a call."""

LEAST, MOST = 2**18, 2**23
"""Numbers of an answer that is remembered: from 1 to 32 MiB, and two of them at most."""


@dataclass(frozen=True, slots=True)
class Group:
    """Columns `start` to `stop` (not included) of the features, which say one kind of thing."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Structure:
    """The declared cells of a space.

    Attributes:
        cells: one for each graph, in the space's order.
        groups: the columns, `edge:operations`, `edge:shape`..., cell by cell.
    """

    cells: tuple[Cell, ...]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, space: Space) -> Structure | None:
        """The structure of this space; None where it declares no graph."""
        if not space.graphs:
            return None
        cells = tuple(Cell.of(space, graph) for graph in space.graphs)
        groups: list[Group] = []
        start = 0
        for cell in cells:
            for name, width, _ in PARTS:
                groups.append(Group(f"{cell.name}:{name}", start, start + width(cell)))
                start = groups[-1].stop
        return cls(cells, tuple(groups))

    @property
    def width(self) -> int:
        """How many features there are."""
        return self.groups[-1].stop

    def operations(self, points: Sequence[Assignment]) -> Operations:
        """The operations of these points, n x e: the edges of all cells one after the other.

        Raises:
            UnknownValue: an edge has an operation that its choice does not have.
        """
        return np.concatenate([cell.read(points) for cell in self.cells], axis=1)

    def rows(self, points: Sequence[Assignment]) -> Rows:
        """The features of these points: n x f, 32-bit floats, counts mostly; 0 where inactive.

        Raises:
            UnknownValue: an edge has an operation that its choice does not have.
        """
        return self.rows_of_operations(self.operations(points))

    def rows_of_operations(self, operations: npt.NDArray[np.integer]) -> Rows:
        """The features of these networks: n x f.

        Args:
            operations: n x e, the place of each edge's operation in `Cell.operations`, -1 where
                it has none; the edges of all cells one after the other.

        Returns:
            Rows that cannot be written to, since large ones are remembered: a study that weighs
            every network of its space asks for the same ones at each suggestion.
        """
        small = np.ascontiguousarray(operations, np.int16)
        if LEAST <= len(small) * self.width <= MOST:
            return _remembered(self, small.tobytes(), len(small))
        return _rows(self, small)

    def keys(self, points: Sequence[Assignment]) -> Labels:
        """A number for each point that only points with equivalent networks share: n.

        Raises:
            UnknownValue: an edge has an operation that its choice does not have.
        """
        return self.keys_of_operations(self.operations(points))

    def keys_of_operations(self, operations: npt.NDArray[np.integer]) -> Labels:
        """As `keys`, of operations as `rows_of_operations` takes them."""
        keys = np.zeros(len(operations), np.uint64)
        step = max(PIECE // operations.shape[1], AT_ONCE)
        for at in range(0, len(operations), step):
            for networks in self.networks(operations[at : at + step]):
                keys[at : at + step] = mixed(keys[at : at + step], subtrees.keys(networks))
        return keys

    def networks(self, operations: npt.NDArray[np.integer]) -> list[Networks]:
        """The effective networks of each cell, of operations as `rows_of_operations` takes them."""
        found: list[Networks] = []
        start = 0
        for cell in self.cells:
            own = operations[:, start : start + len(cell.edges)]
            found.append(Networks.of(cell, own.astype(np.int16, copy=False)))
            start += len(cell.edges)
        return found


@lru_cache(maxsize=2)
def _remembered(structure: Structure, operations: bytes, count: int) -> Rows:
    return _rows(structure, np.frombuffer(operations, np.int16).reshape(count, -1))


def _rows(structure: Structure, operations: Operations) -> Rows:
    rows = np.empty((len(operations), structure.width), np.float32)
    step = max(PIECE // operations.shape[1], AT_ONCE)
    for at in range(0, len(operations), step):
        piece = rows[at : at + step]
        groups = iter(structure.groups)
        for networks in structure.networks(operations[at : at + step]):
            for (_, _, function), group in zip(PARTS, groups, strict=False):
                piece[:, group.start : group.stop] = function(networks)
    rows.flags.writeable = False
    return rows
