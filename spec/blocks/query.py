"""A SQL query, in which the values of parameters stay values."""

from __future__ import annotations

import re
from typing import Final

from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Invalid, Reading, Schema, Text
from ..source import Path

_WORD: Final = re.compile(r"\w+(\.\w+)*|[-+]?[0-9.]+([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Query:
    """A text, into which a parameter may put one word or one number."""

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The query as DuckDB gets it."""
        text = Text("a SQL query").read(node, path, reading)
        if isinstance(text, Invalid) or not isinstance(node, Scalar):
            return text
        for start, end in node.inserted:
            value = text[start:end]
            comment = value.startswith("-") and text[:start].endswith("-")
            if _WORD.fullmatch(value) is None or comment:
                shown = value if len(value) <= 60 else f"{value[:60]}..."
                return reading.report(
                    "OFC340",
                    f"the value `{shown}` is no single word or number, and stands in a query",
                    node.inside(start, end),
                    "more than one word is inserted here",
                    "write the query into the spec, and let the parameter be one word or number "
                    "of it",
                )
        return text

    def schema(self) -> Schema:
        """A string."""
        return Text().schema()
