"""Whether two pieces of a spec say the same, comments and layout aside."""

from __future__ import annotations

from ..formatting.pieces import Alias, Clash, Item, Items, Pair, Pairs, Piece, Word
from ..yaml.core_schema import resolve

Said = object
"""What a piece says, as a value that can be compared."""


def said(piece: Piece | None) -> Said:
    """What a piece says; None for one that is not there."""
    match piece:
        case None:
            return None
        case Word(value=value, style=style, marks=marks):
            typed = resolve(value) if style is None else value
            return "word", marks, type(typed).__name__, str(typed)
        case Alias(name=name):
            return "alias", name
        case Pairs(entries=entries, marks=marks):
            pairs = (e for e in entries if isinstance(e, Pair))
            return "pairs", marks, tuple(sorted((repr(said(p.key)), said(p.value)) for p in pairs))
        case Items(entries=entries, marks=marks):
            return "items", marks, tuple(said(i.value) for i in entries if isinstance(i, Item))


def same(one: Piece | None, other: Piece | None) -> bool:
    """Whether both say the same; the order of keys does not matter, that of items does."""
    return one is other or said(one) == said(other)


def clashes(piece: Piece) -> int:
    """How many conflicts are in it."""
    if not isinstance(piece, Pairs | Items):
        return 0
    return sum(1 if isinstance(entry, Clash) else clashes(entry.value) for entry in piece.entries)
