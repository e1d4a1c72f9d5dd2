"""The `range` of a parameter in each way that YAML lets it be written."""

from __future__ import annotations

from typing import cast

from ..expression.reading import read_expression
from ..expression.tree import Interval, SetOf, Value
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import Invalid, Reading, Schema, called, describe
from ..source import Path, Span
from .literal import endless, is_finite

EXAMPLES = "`2...5`, `1e-4...1e-1` or `{adam, sgd}`"


@dataclass(frozen=True, slots=True)
class RangeText:
    """A range or a set as written.

    Attributes:
        items: the place of each item of a set, where YAML knows it.
        text: as written, where it stands in the file character for character.
    """

    domain: Interval | SetOf
    span: Span
    items: tuple[Span, ...] = ()
    text: str = ""


class RangeReader:
    """`2...5`, `[2...5]`, `{a, b}` or `[a, b]`.

    YAML reads the first as a string, the second as a list of one string, the third as a mapping
    without values, and the fourth as a list.
    """

    def read(self, node: Node, path: Path, reading: Reading) -> RangeText | Invalid:
        """The range."""
        inner = _only_interval(node)
        if inner is not None or (isinstance(node, Scalar) and isinstance(node.value, str)):
            scalar = inner if inner is not None else cast("Scalar", node)
            tree = read_expression("range", "a range or a set", EXAMPLES, scalar, path, reading)
            if isinstance(tree, Invalid):
                return tree
            at = tree.at
            text = scalar.text[at.start : at.end] if scalar.exact else ""
            place = scalar.inside(at.start, at.end)
            return RangeText(cast("Interval | SetOf", tree), place, text=text)
        values = _values(node)
        if values is not None:
            wrong = next((v for v in values if not is_finite(v.value)), None)
            if wrong is not None:
                return endless(wrong, path, reading)
            items = SetOf(tuple(cast("Value", v.value) for v in values))
            return RangeText(items, node.span, tuple(v.span for v in values))
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a range or a set",
            node.span,
            "expected a range or a set",
            f"write {EXAMPLES}",
        )

    def schema(self) -> Schema:
        """A string, a list, or a mapping without values."""
        return {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": ["string", "number", "boolean"]},
                },
                {"type": "object", "minProperties": 1, "additionalProperties": {"type": "null"}},
            ]
        }


def is_set(node: Node) -> bool:
    """Whether a mapping is a set in braces, whose keys stand for themselves."""
    return isinstance(node, MappingNode) and all(_nothing(e.value) for e in node.entries)


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _only_interval(node: Node) -> Scalar | None:
    """The one string of `[2...5]`."""
    if isinstance(node, SequenceNode) and len(node.items) == 1:
        (item,) = node.items
        if isinstance(item, Scalar) and ("..." in item.text or "…" in item.text):
            return item
    return None


def _values(node: Node) -> tuple[Scalar, ...] | None:
    """The items of a set or a list, if they are values and there are any."""
    if isinstance(node, SequenceNode):
        found = tuple(n for n in node.items if isinstance(n, Scalar) and n.value is not None)
        return found if found and len(found) == len(node.items) else None
    if isinstance(node, MappingNode) and node.entries and is_set(node):
        keys = tuple(e.key for e in node.entries)
        return keys if all(k.value is not None for k in keys) else None
    return None
