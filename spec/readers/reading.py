"""What a reader is, and what gathers while a document is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from ..diagnostic import Diagnostic, Related
from ..fix import NO_FIX, Fix
from ..nodes import Node
from ..source import Path, Span

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Schema = Mapping[str, object]


class Invalid:
    """What a reader returns instead of a value after it has reported why."""


INVALID: Final = Invalid()


@dataclass(slots=True)
class Reading:
    """What gathers while one document is read: findings, and the span of every value.

    Attributes:
        keys: the place of the key before each value that has one.
        values: what could be read, by path, so that rules can look at the good parts of a
            document that is bad elsewhere.
    """

    found: list[Diagnostic] = field(default_factory=list)
    spans: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, object] = field(default_factory=dict)

    def read(self, reader: Reader[T], node: Node, path: Path) -> T | Invalid:
        """Reads one value and keeps it with its place."""
        self.spans[path] = node.span
        value = reader.read(node, path, self)
        if not isinstance(value, Invalid):
            self.values[path] = value
        return value

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        help: str = "",
        related: tuple[Related, ...] = (),
        fix: Fix = NO_FIX,
    ) -> Invalid:
        """Collects an error and answers `INVALID`, so that a reader can return it."""
        self.found.append(
            Diagnostic(
                code,
                message,
                span,
                label,
                help,
                related=related,
                edits=fix.edits,
                applicable=fix.applicable,
            )
        )
        return INVALID


class Reader(Protocol[T_co]):
    """Reads one value, and says what it accepts."""

    def read(self, node: Node, path: Path, reading: Reading) -> T_co | Invalid:
        """The value at `node`, or `INVALID` after reporting."""
        ...

    def schema(self) -> Schema:
        """JSON Schema, draft-07, of what is accepted."""
        ...
