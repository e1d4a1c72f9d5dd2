"""Values of a parameter written out: numbers, words and truth values."""

from __future__ import annotations

import math

from ..expression.tree import Value
from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Invalid, Reading, Schema, called, describe
from ..source import Path


def is_finite(value: object) -> bool:
    """Whether a value is one that JSON can say: no infinity, and not NaN."""
    return not isinstance(value, float) or math.isfinite(value)


def endless(node: Scalar, path: Path, reading: Reading) -> Invalid:
    """Reports a number that is none that a trial could get."""
    return reading.report(
        "OFC103",
        f"{called(path)} is {node.value}, expected a finite number",
        node.span,
        "no finite number",
        "write a number that a computer holds, such as `1e308`",
    )


@dataclass(frozen=True, slots=True)
class LiteralReader:
    """A number, a string or a truth value, as YAML 1.2 takes it."""

    def read(self, node: Node, path: Path, reading: Reading) -> Value | Invalid:
        """The value; neither nothing, nor a list, nor a mapping."""
        if isinstance(node, Scalar) and node.value is not None:
            return node.value if is_finite(node.value) else endless(node, path, reading)
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
