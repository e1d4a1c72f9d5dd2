"""A point as a network, and how much flows through it.

    a declared graph    its nodes; an edge carries what its operation's capacity is, an absent
                        operation nothing
    any other value     one edge that all must pass

These stand one behind the other, so that the narrowest decides. Each is measured by what it would
carry with the best operations, since only so can a cell be compared with a single number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Coordinate, Space

Arc = tuple[int, int, float]
"""From node to node, and how much it can carry."""

LEAST = 1e-12
"""Less than this is no capacity that is left, but a rounding."""


@dataclass(frozen=True, slots=True)
class _Cell:
    edges: tuple[tuple[int, int], ...]
    places: tuple[int, ...]  # per edge, the coordinate of its operation
    absent: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """The cells of a space, and what stands in line with them.

    Attributes:
        coordinates: of the space.
        cells: its declared graphs.
        chain: the coordinates that are part of none.
    """

    coordinates: tuple[Coordinate, ...]
    cells: tuple[_Cell, ...]
    chain: tuple[int, ...]

    @classmethod
    def of(cls, space: Space) -> Network:
        """The network of a space; graphs whose edges are not all there are left out."""
        place = {coordinate.id: at for at, coordinate in enumerate(space)}
        cells: list[_Cell] = []
        for graph in space.graphs:
            prefix = graph.name + "".join(f"[{each}]" for each in graph.index)
            ids = [f"{prefix}[{edge}]" for edge in range(len(graph.edges))]
            if all(id_ in place for id_ in ids):
                places = tuple(place[id_] for id_ in ids)
                cells.append(_Cell(graph.edges, places, graph.absent))
        within = {at for cell in cells for at in cell.places}
        chain = tuple(at for at in range(len(space)) if at not in within)
        return cls(space.coordinates, tuple(cells), chain)

    def flow(self, point: Assignment, carried: Sequence[float], most: Sequence[float]) -> float:
        """The share of the best possible flow that passes, from 0 to 1.

        Args:
            point: what is judged; an edge whose coordinate is inactive is not there.
            carried: per coordinate, the capacity of the point's value.
            most: per coordinate, the greatest capacity of its values.
        """
        shares = [
            carried[at] / most[at]
            for at in self.chain
            if self.coordinates[at].id in point and most[at] > 0.0
        ]
        for cell in self.cells:
            here = [at for at in cell.places if self.coordinates[at].id in point]
            if here:
                best = max_flow(_arcs(cell, {at: most[at] for at in here}))
                open_ = {
                    at: 0.0 if point[self.coordinates[at].id] in cell.absent else carried[at]
                    for at in here
                }
                shares.append(max_flow(_arcs(cell, open_)) / best if best > 0.0 else 1.0)
        return min(shares, default=1.0)


def _arcs(cell: _Cell, capacities: Mapping[int, float]) -> list[Arc]:
    return [
        (start, end, capacities[at])
        for (start, end), at in zip(cell.edges, cell.places, strict=True)
        if at in capacities
    ]


def max_flow(arcs: Sequence[Arc]) -> float:
    """The greatest flow from node 0 to the highest one, by shortest augmenting paths.

    Edmonds & Karp (1972), Theoretical improvements in algorithmic efficiency for network flow
    problems.
    """
    sink = max((end for _, end, _ in arcs), default=0)
    left: dict[int, dict[int, float]] = {node: {} for node in range(sink + 1)}
    for start, end, capacity in arcs:
        left[start][end] = left[start].get(end, 0.0) + capacity
        left[end].setdefault(start, 0.0)
    total = 0.0
    while path := _path(left, sink):
        amount = min(left[start][end] for start, end in path)
        for start, end in path:
            left[start][end] -= amount
            left[end][start] += amount
        total += amount
    return total


def _path(left: Mapping[int, Mapping[int, float]], sink: int) -> list[tuple[int, int]]:
    """A shortest path on which something can still flow; empty where there is none."""
    before: dict[int, int] = {}
    waiting = deque([0])
    while waiting and sink not in before:
        node = waiting.popleft()
        for other, capacity in left[node].items():
            if capacity > LEAST and other != 0 and other not in before:
                before[other] = node
                waiting.append(other)
    path: list[tuple[int, int]] = []
    node = sink
    while node in before:
        path.append((before[node], node))
        node = before[node]
    return path
