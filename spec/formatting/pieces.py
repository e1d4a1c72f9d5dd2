"""What the text of a spec is made of: values as they are written, comments beside them."""

from __future__ import annotations

from ..frozen import dataclass

Position = tuple[int, int]
"""Line and column, both from zero."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own. `gap` is an empty line before it."""

    text: str
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A comment behind something on its line; `at` is where it stood, for those in one column."""

    text: str
    at: Position


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar.

    Attributes:
        value: what YAML makes of it, before it is a number or a truth value.
        raw: as it stands in the file, without its properties, line breaks as line feeds.
        style: None for a plain one, else `'`, `"`, `|` or `>`.
        marks: anchor and tag.
    """

    value: str
    raw: str
    style: str | None = None
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """`*name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A key with its value, the comments above it and the one behind it."""

    key: Piece
    value: Piece
    above: tuple[Remark, ...] = ()
    gap: bool = False
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, likewise."""

    value: Piece
    above: tuple[Remark, ...] = ()
    gap: bool = False
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """Two versions of what stands in one place, from the two sides of a merge."""

    ours: tuple[Pair, ...] | tuple[Item, ...]
    theirs: tuple[Pair, ...] | tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping. `tail` are the comments behind its last key."""

    entries: tuple[Pair | Clash, ...]
    flow: bool = False
    marks: str = ""
    tail: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    entries: tuple[Item | Clash, ...]
    flow: bool = False
    marks: str = ""
    tail: tuple[Remark, ...] = ()


Piece = Word | Alias | Pairs | Items


@dataclass(frozen=True, slots=True)
class Document:
    """A file.

    Attributes:
        directives: lines such as `%YAML 1.2`, which need a `---` behind them.
        head: the comments before a root in braces or brackets.
        foot: the comments behind the root.
        words: every scalar in the order of the file, keys too.
    """

    root: Pairs | Items
    directives: tuple[str, ...] = ()
    head: tuple[Remark, ...] = ()
    foot: tuple[Remark, ...] = ()
    words: tuple[Word, ...] = ()


def has_comments(piece: Piece) -> bool:
    """Whether a comment stands anywhere in a flow mapping or list."""
    if isinstance(piece, Word | Alias):
        return False
    if piece.tail:
        return True
    for entry in piece.entries:
        if not isinstance(entry, Pair | Item):
            continue
        if entry.above or entry.note is not None or has_comments(entry.value):
            return True
    return False
