"""How wide text stands in a terminal, and text that cannot move its cursor."""

from __future__ import annotations

import unicodedata

TAB = 4


def visible(text: str) -> str:
    """The text on one line: tabs as spaces, and what would steer the terminal made visible."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\t":
        return " " * TAB
    # Marks belong to the letter before them; all else unprintable is spelt out, so
    # that a spec cannot colour, erase or reorder the message about itself.
    if character.isprintable() or unicodedata.category(character) in ("Mn", "Me"):
        return character
    return f"\\u{{{ord(character):x}}}"


def cells(text: str) -> int:
    """Columns of a terminal that `visible(text)` takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cells, text))


def _cells(character: str) -> int:
    shown = _visible(character)
    if len(shown) > 1:
        return len(shown)
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
