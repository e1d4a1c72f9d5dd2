"""A value together with its place in the file."""

from __future__ import annotations

from typing import Generic, TypeVar

from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Invalid, Reader, Reading, Schema
from ..source import Path, Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class At(Generic[T]):
    """A value with its place; `text` is the scalar that its offsets count from."""

    value: T
    span: Span
    text: Scalar | None = None


class Placed(Generic[T]):
    """Reads a value together with its place."""

    def __init__(self, reader: Reader[T]) -> None:
        self.reader = reader

    def read(self, node: Node, path: Path, reading: Reading) -> At[T] | Invalid:
        """What the reader within reads."""
        value = self.reader.read(node, path, reading)
        if isinstance(value, Invalid):
            return value
        return At(value, node.span, node if isinstance(node, Scalar) else None)

    def schema(self) -> Schema:
        """That of the reader within."""
        return self.reader.schema()
