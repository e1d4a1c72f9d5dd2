"""Values of a parameter written out: numbers, words and truth values."""

from __future__ import annotations

from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Invalid, Reading, Schema, called, describe
from ..source import Path


@dataclass(frozen=True, slots=True)
class LiteralReader:
    """A number, a string or a truth value, as YAML 1.2 takes it."""

    def read(self, node: Node, path: Path, reading: Reading) -> Value | Invalid:
        """The value; neither nothing, nor a list, nor a mapping."""
        if isinstance(node, Scalar) and node.value is not None:
            return node.value
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a number, a string or a truth value",
            node.span,
            "expected one value",
            "write one number, word or truth value",
        )

    def schema(self) -> Schema:
        """Any scalar."""
        return {"type": ["number", "string", "boolean"]}
