"""One declared graph of a space, made ready to be read: its coordinates, operations and order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Graph, Space

from ..points.encoding import UnknownValue
from .mixing import word

Operations = npt.NDArray[np.int16]
"""n x e: which of `Cell.operations` stands on each edge, `INACTIVE` where the point has none."""

INACTIVE = -1

Key = tuple[bool, Value]


@dataclass(frozen=True, slots=True)
class Cell:
    """A graph whose edges are coordinates.

    Attributes:
        name: the parameter, with its place where it is itself an array.
        coordinates: the id of each edge's coordinate.
        edges: from node to node, as declared.
        nodes: how many there are; 0 is the input, the last one the output.
        operations: all that may stand on an edge, in the order of the choice.
        labels: a number for each, which `1` and `true` do not share although Python holds them
            equal.
        absent, identity: per operation, whether it is as good as no edge, or hands on what it gets.
    """

    name: str
    coordinates: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    nodes: int
    operations: tuple[Value, ...]
    labels: tuple[int, ...]
    absent: tuple[bool, ...]
    identity: tuple[bool, ...]

    @classmethod
    def of(cls, space: Space, graph: Graph) -> Cell:
        """The cell that a graph of this space declares."""
        name = graph.name + "".join(f"[{place}]" for place in graph.index)
        coordinates = tuple(f"{name}[{edge}]" for edge in range(len(graph.edges)))
        known = {each.id: each.domain for each in space}
        operations: dict[Key, Value] = {}
        for each in coordinates:
            domain = known.get(each)
            values = domain.values if isinstance(domain, Choice) else ()
            operations.update((_key(value), value) for value in values)
        return cls(
            name,
            coordinates,
            graph.edges,
            1 + max(target for _, target in graph.edges),
            tuple(operations.values()),
            tuple(word(repr(value)) for value in operations.values()),
            tuple(key in set(map(_key, graph.absent)) for key in operations),
            tuple(key in set(map(_key, graph.identity)) for key in operations),
        )

    def read(self, points: Sequence[Assignment]) -> Operations:
        """The operations of these points.

        Raises:
            UnknownValue: an edge has an operation that the choice does not have.
        """
        place = {_key(value): at for at, value in enumerate(self.operations)}
        try:
            flat = [
                place[isinstance(value := point[each], bool), value] if each in point else INACTIVE
                for point in points
                for each in self.coordinates
            ]
        except KeyError as fault:
            raise UnknownValue(f"`{fault.args[0][1]}` is no operation of `{self.name}`") from None
        return np.array(flat, np.int16).reshape(len(points), len(self.coordinates))


def _key(value: Value) -> Key:
    # Python holds `True == 1`.
    return isinstance(value, bool), value
