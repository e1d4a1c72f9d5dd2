"""How wide text stands in a terminal, and text that cannot move its cursor."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

from omniforce.spec.yaml.characters import FORMATS

TAB = 4

# An escape that is no colour, control characters, and what turns the direction of a text.
_STEERING: Final = re.compile(
    "\x1b(?!\\[[0-9;]*m)|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f" + FORMATS + "]"
)


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


def steady(text: str) -> str:
    """A text of several lines with what would reorder, hide or steer it spelt out.

    Line breaks and tabs stay, and so do the colours that ofc writes.
    """
    return _STEERING.sub(_spelt, text)


def json_steady(text: str) -> str:
    """JSON that says the same, with such characters as the escapes of JSON."""
    return text if text.isascii() else _STEERING.sub(_json_escape, text)


def _spelt(found: re.Match[str]) -> str:
    return f"\\u{{{ord(found.group()):x}}}"


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found.group())[1:-1]
