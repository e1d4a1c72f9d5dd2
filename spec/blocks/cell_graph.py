"""`graph` as written: the edges that the places of an array are, and what some operations mean."""

from __future__ import annotations

import re

from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import INVALID, Invalid, ListOf, Number, Reading, Schema, called, describe, key
from ..source import Path
from .literal import LiteralReader
from .placed import At, Placed
from .range_text import is_set

Edge = tuple[int, int]

MOST_NODES = 100

_EDGE = re.compile(r"\s*([0-9]{1,3})\s*>\s*([0-9]{1,3})\s*")


class EdgeReader:
    """`0>2`: from node 0 to node 2."""

    def read(self, node: Node, path: Path, reading: Reading) -> Edge | Invalid:
        """The two nodes; that the second is the higher one is looked at with the others."""
        text = node.value if isinstance(node, Scalar) else None
        found = _EDGE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected an edge",
                node.span,
                "expected two nodes",
                "write it as in `0>2`: from node 0, the input, to node 2",
            )
        edge = int(found[1]), int(found[2])
        if max(edge) >= MOST_NODES:
            return reading.report(
                "OFC104",
                f"{called(path)} has the node {max(edge)}, the last one may be {MOST_NODES - 1}",
                node.span,
                "too high",
                f"number the nodes from 0, without gaps, to at most {MOST_NODES - 1}",
            )
        return edge

    def schema(self) -> Schema:
        """Two numbers."""
        return {"type": "string", "pattern": f"^{_EDGE.pattern}$"}


class OperationsReader:
    """One value of a choice, or several."""

    def read(self, node: Node, path: Path, reading: Reading) -> tuple[At[Value], ...] | Invalid:
        """The values with their places; whether the choice has them is looked at later."""
        items: tuple[Node, ...] = (node,)
        if isinstance(node, SequenceNode):
            items = node.items
        elif isinstance(node, MappingNode) and node.entries and is_set(node):
            items = tuple(entry.key for entry in node.entries)
        literal: Placed[Value] = Placed(LiteralReader())
        found = [literal.read(item, path, reading) for item in items]
        good = tuple(each for each in found if not isinstance(each, Invalid))
        return good if len(good) == len(found) else INVALID

    def schema(self) -> Schema:
        """Any scalar, a list of them, or a set."""
        scalar = LiteralReader().schema()
        names = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "null"}}
        return {"anyOf": [scalar, {"type": "array", "items": scalar}, names]}


@dataclass(frozen=True, slots=True)
class CellGraph:
    """A network of operations: the places of the array are its edges."""

    nodes: At[int] | None = key(
        Placed(Number(int, minimum=2, maximum=MOST_NODES)),
        "How many nodes there are, with an edge from each to each later one: `0>1`, `0>2`, `1>2`, "
        "`0>3`... The first is the input, the last the output.",
        None,
        example="4",
    )
    edges: tuple[At[Edge], ...] | None = key(
        ListOf(Placed(EdgeReader()), minimum=1),
        "The edges, where not every pair of nodes has one: from node 0, the input, to the highest "
        "one, the output.",
        None,
        example="[0>1, 0>2, 1>3, 2>3]",
    )
    absent: tuple[At[Value], ...] = key(
        OperationsReader(), "The operations that are as good as no edge.", (), example="none"
    )
    identity: tuple[At[Value], ...] = key(
        OperationsReader(), "The operations that hand on what they get.", (), example="skip"
    )


def edges_of(nodes: int) -> tuple[Edge, ...]:
    """An edge between any two nodes, by target and then by source."""
    return tuple((source, target) for target in range(nodes) for source in range(target))


def as_text(edges: tuple[Edge, ...]) -> list[str]:
    """The edges as they are written."""
    return [f"{source}>{target}" for source, target in edges]


def values_of(operations: tuple[At[Value], ...]) -> tuple[Value, ...]:
    """Operations without their places, each once."""
    once: dict[tuple[type, Value], Value] = {}
    for each in operations:
        once.setdefault((type(each.value), each.value), each.value)
    return tuple(once.values())
