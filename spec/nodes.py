"""A YAML document as values with places: what `yaml.reader` makes and the readers read."""

from __future__ import annotations

from .frozen import dataclass
from .source import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value, resolved by YAML 1.2's core schema.

    Attributes:
        value: None, a truth value, a number, or a string.
        text: as written, without quotes.
        plain: whether it was written without quotes or block indicators.
        exact: whether `text` stands in the file character for character; not so after an escape,
            a line break or the insertion of a parameter.
        inserted: where in `text` the values of parameters stand, as start and end; none of them
            may ever be read as more than one word.
    """

    value: bool | int | float | str | None
    text: str
    span: Span
    plain: bool = True
    exact: bool = True
    inserted: tuple[tuple[int, int], ...] = ()

    def inside(self, start: int, end: int) -> Span:
        """The place of the characters `start` to `end` of `text`; else the whole."""
        if not self.exact:
            return self.span
        quote = 0 if self.plain else 1
        return self.span.inside(start + quote, end + quote)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys in the order of the file. `flow` is the form in braces: `{sgd, adam}` is one."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None where it is not written."""
        return next((e.value for e in self.entries if e.key.text == key), None)


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Items in the order of the file."""

    items: tuple[Node, ...]
    span: Span
    flow: bool = False


Node = Scalar | MappingNode | SequenceNode
