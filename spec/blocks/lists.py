"""What only permutations and subsets have: a size, and a default that is a list."""

from __future__ import annotations

from typing import cast

from ..expression.print import number_to_text, to_text, value_to_text
from ..expression.reading import read_expression
from ..expression.tree import Interval, Value
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import Invalid, Reading, Schema, called, describe
from ..resolving.meaning import Listing
from ..source import Path
from .literal import LiteralReader
from .placed import At
from .range_text import is_set

Size = int | float | Interval


class SizeReader:
    """`2`, or `1...3`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Size | Invalid:
        """The number or the range, as written."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if not isinstance(value, str):
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected a number or a range",
                node.span,
                "expected a size",
                "write it as in `size: 1...2`",
            )
        tree = read_expression("range", "a number or a range", "`1...2`", node, path, reading)
        if isinstance(tree, Invalid | Interval):
            return tree
        return reading.report(
            "OFC103",
            f"{called(path)} is a set, expected a number or a range",
            node.span,
            "expected a size",
            "write it as in `size: 1...2`",
        )

    def schema(self) -> Schema:
        """A number, or a range."""
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9]+\s*(\.\.\.|…)\s*[0-9]+\s*$"},
            ]
        }


class DefaultReader:
    """One value, or the values of a list."""

    def read(self, node: Node, path: Path, reading: Reading) -> Value | tuple[Value, ...] | Invalid:
        """The value, or the values."""
        if isinstance(node, SequenceNode):
            items = node.items
        elif isinstance(node, MappingNode) and node.entries and is_set(node):
            items = tuple(e.key for e in node.entries)
        else:
            return LiteralReader().read(node, path, reading)
        found = [LiteralReader().read(item, path, reading) for item in items]
        good = tuple(v for v in found if not isinstance(v, Invalid))
        return good if len(good) == len(found) else cast("Invalid", found[0])

    def schema(self) -> Schema:
        """Any scalar, or a list of them."""
        scalar = LiteralReader().schema()
        return {"anyOf": [scalar, {"type": "array", "items": scalar}]}


def size_of(
    name: str, listing: Listing, size: At[Size] | None, reading: Reading
) -> tuple[int, int] | Invalid | None:
    """The least and the most values of a subset; None where the writer does not say."""
    if size is None:
        return None
    if listing.kind == "permutation":
        return reading.report(
            "OFC107",
            f"`{name}` is a permutation and has a `size`",
            size.span,
            "it has all of its values",
            "remove `size`, or write `type: subset`",
        )
    written = size.value
    low, high = (written.low, written.high) if isinstance(written, Interval) else (written, written)
    most = len(listing.values)
    if not (float(low).is_integer() and float(high).is_integer() and 0 <= low <= high <= most):
        shown = to_text(written) if isinstance(written, Interval) else number_to_text(written)
        return reading.report(
            "OFC223",
            f"the size `{shown}` of `{name}` is none that a subset of {most} can have",
            size.span,
            f"must lie in `0...{most}`",
            f"write a whole number of `0...{most}`, or a range such as `1...{most}`",
        )
    return int(low), int(high)


def digits_of(
    name: str,
    listing: Listing,
    size: tuple[int, int] | None,
    default: At[Value | tuple[Value, ...]] | None,
    reading: Reading,
) -> tuple[int, ...] | Invalid | None:
    """The default as the digits that the list is searched as; reports one that is no such list."""
    if default is None:
        return None
    given = default.value if isinstance(default.value, tuple) else (default.value,)
    left = list(listing.values)
    places: list[int] = []
    for value in given:
        place = next((k for k, v in enumerate(left) if type(v) is type(value) and v == value), None)
        if place is None:
            break
        places.append(place)
        left.pop(place)
    whole = len(places) == len(given)
    fits = (
        not left
        if listing.kind == "permutation"
        else size is None or (size[0] <= len(given) <= size[1])
    )
    if not whole or not fits:
        shown = ", ".join(value_to_text(v) for v in given)
        example = ", ".join(value_to_text(v) for v in listing.values[: size[1] if size else None])
        return reading.report(
            "OFC204",
            f"the default `[{shown}]` of `{name}` is no such {listing.kind}",
            default.span,
            "each value once" if listing.kind == "permutation" else "not one of its subsets",
            f"write it as in `default: [{example}]`",
        )
    if listing.kind == "permutation":
        return tuple(places[:-1])
    return tuple(int(any(type(v) is type(g) and v == g for g in given)) for v in listing.values)
