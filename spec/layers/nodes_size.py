"""How many values a tree has, aliases and blocks that stand in it often counted each time."""

from __future__ import annotations

from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..yaml.reader import NODES


def size_of(node: Node) -> int:
    """Values in a tree, more than `NODES` counted as one more."""
    count, todo = 0, [node]
    while todo and count <= NODES:
        count += 1
        match todo.pop():
            case SequenceNode(items=items):
                todo += items
            case MappingNode(entries=entries):
                todo += [e.value for e in entries]
            case Scalar():
                pass
    return count
