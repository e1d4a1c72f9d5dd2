"""`use`: the templates that bring a part of a spec, each with its parameters and ports."""

from __future__ import annotations

from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import Node
from ..readers import INVALID, Block, Invalid, ListOf, MapOf, Reading, Schema, Text, key
from ..source import Path
from .literal import LiteralReader


class Tree:
    """Any value, not looked into yet; where it is put decides how it is read."""

    def read(self, node: Node, path: Path, reading: Reading) -> Node | Invalid:
        """The node itself."""
        return node

    def schema(self) -> Schema:
        """A block, or a list of them."""
        return {"type": ["object", "array", "string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class Use:
    """One template."""

    template: str = key(
        Text("where the template is", max_length=2048),
        "A path, `git::https://host/repo//folder?ref=v1.2.0`, `oci://registry/name:1.2.0`, "
        "or the name of one in the hub, `edge-vision@1.2`.",
        example="./templates/edge-vision.yaml",
    )
    with_: tuple[tuple[str, Value], ...] = key(
        MapOf(LiteralReader()), "Values of the template's parameters.", ()
    )
    ports: tuple[tuple[str, Node], ...] = key(
        MapOf(Tree()), "Blocks that the template puts where its ports are.", ()
    )


class UseShort:
    """A template that needs nothing, as its name alone."""

    def read(self, node: Node, path: Path, reading: Reading) -> Use | Invalid:
        """The template without values."""
        text = Text("where the template is", max_length=2048).read(node, path, reading)
        return INVALID if isinstance(text, Invalid) else Use(text)

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string"}


USES = ListOf(Block(Use, short=UseShort()), maximum=100)
"""What reads `use`."""
