"""`searchSpace`: what is searched over."""

from __future__ import annotations

from dataclasses import dataclass

from ..nodes import Node
from ..readers import Invalid, Reading, Schema
from ..source import Path
from ..space import Space


@dataclass(frozen=True, slots=True)
class SearchSpaceReader:
    """A tree or a DAG of parameters, unrolled."""

    def read(self, node: Node, path: Path, reading: Reading) -> Space | Invalid:
        """The space."""
        return Space(())

    def schema(self) -> Schema:
        """An object."""
        return {"type": "object"}
