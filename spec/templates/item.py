"""One use of a template, as its nodes."""

from __future__ import annotations

from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar


@dataclass(frozen=True, slots=True)
class Item:
    """One template of a `use`, as written."""

    reference: Scalar
    given: tuple[Entry, ...]
    ports: tuple[Entry, ...]


def item_of(node: Node) -> Item:
    """A use that could be read, as its nodes."""
    if isinstance(node, Scalar):
        return Item(node, (), ())
    assert isinstance(node, MappingNode)
    reference = node.get("template")
    assert isinstance(reference, Scalar)
    given, ports = node.get("with"), node.get("ports")
    return Item(
        reference,
        given.entries if isinstance(given, MappingNode) else (),
        ports.entries if isinstance(ports, MappingNode) else (),
    )
