"""Which studies that are over a search begins with: `off`, `auto`, or their names."""

from __future__ import annotations

from typing import Literal

from ..frozen import dataclass
from ..nodes import Node, Scalar, SequenceNode
from ..readers import INVALID, Invalid, ListOf, Reading, Schema, Text, called, describe
from ..source import Path

MOST_NAMED = 20

_NAME = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class WarmStart:
    """Past studies as prior knowledge.

    Attributes:
        by: `off` begins with nothing, `auto` looks for what resembles this study, `name` takes
            the studies that are named.
        studies: the named ones.
    """

    by: Literal["off", "auto", "name"] = "off"
    studies: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"[{', '.join(self.studies)}]" if self.by == "name" else self.by


COLD = WarmStart()


class WarmStartReader:
    """`off`, `auto`, or a list of names."""

    _names = ListOf(Text("a study's name", pattern=_NAME), minimum=1, maximum=MOST_NAMED)

    def read(self, node: Node, path: Path, reading: Reading) -> WarmStart | Invalid:
        """The choice."""
        match node:
            case Scalar(value="off"):
                return COLD
            case Scalar(value="auto"):
                return WarmStart("auto")
            case SequenceNode():
                names = self._names.read(node, path, reading)
                return INVALID if isinstance(names, Invalid) else WarmStart("name", names)
            case _:
                return reading.report(
                    "OFC103",
                    f"{called(path)} is {describe(node)}, expected `off`, `auto` or names of "
                    "studies",
                    node.span,
                    "expected `off`, `auto` or a list",
                    "write `auto`, or `[my-first-study]` with studies of the same store",
                )

    def schema(self) -> Schema:
        """A word or names."""
        return {"anyOf": [{"enum": ["off", "auto"]}, self._names.schema()]}
