"""How many nodes one trial trains on: a number, or the bounds between which it may change."""

from __future__ import annotations

import re

from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Invalid, Reading, Schema, called, describe
from ..source import Path

MOST = 1024

_BOUNDS = re.compile(r"\s*([0-9]{1,6})\s*(?:\.\.\.|…)\s*([0-9]{1,6})\s*")


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of one trial.

    Attributes:
        least: it goes on while there are as many.
        most: what it starts with where they can be had; what a budget counts.
    """

    least: int = 1
    most: int = 1

    @property
    def elastic(self) -> bool:
        """Whether their number may change while it trains."""
        return self.least != self.most

    def __str__(self) -> str:
        return f"{self.least}...{self.most}" if self.elastic else str(self.most)


ONE_NODE = Nodes()


class NodeCount:
    """`4`, or `2...8`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Nodes | Invalid:
        """The bounds; of one number both are the same."""
        match node:
            case Scalar(value=bool()):
                pass
            case Scalar(value=int(count)):
                return self._checked(Nodes(count, count), node, path, reading)
            case Scalar(value=str(text)) if found := _BOUNDS.fullmatch(text):
                bounds = Nodes(int(found[1]), int(found[2]))
                return self._checked(bounds, node, path, reading)
            case _:
                pass
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a number of nodes or two bounds",
            node.span,
            "expected a number or bounds",
            "write `4`, or `2...8` where their number may change",
        )

    def _checked(self, nodes: Nodes, node: Node, path: Path, reading: Reading) -> Nodes | Invalid:
        if not nodes.least >= 1 or not nodes.most <= MOST:
            return reading.report(
                "OFC104",
                f"{called(path)} is `{nodes}`, it must be from 1 to {MOST:,}",
                node.span,
                "out of bounds",
                f"write a number from 1 to {MOST:,}",
            )
        if nodes.least > nodes.most:
            return reading.report(
                "OFC104",
                f"{called(path)} goes down, from {nodes.least} to {nodes.most}",
                node.span,
                "the smaller one comes first",
                f"write `{nodes.most}...{nodes.least}`",
            )
        return nodes

    def schema(self) -> Schema:
        """A whole number, or two of them."""
        return {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST},
                {"type": "string", "pattern": r"^\s*[0-9]+\s*(\.\.\.|…)\s*[0-9]+\s*$"},
            ]
        }
