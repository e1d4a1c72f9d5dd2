"""Types of columns that take whatever a stranger hands in, alike on both databases.

PostgreSQL refuses NUL in a text and a number that is too large; UTF-8 knows no lone surrogate. A
name with such a letter is nobody's, and a message keeps all else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, String, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_BOUND = 2**31
NOBODY = -1
"""What a number beyond the column's becomes: no trial and no attempt has it."""


def as_text(message: str, most: int | None = None) -> str:
    """Text as any database takes it, cut to so many characters."""
    clean = message[:most].replace("\0", "\ufffd")
    return clean if clean.isascii() else clean.encode("utf-8", "replace").decode("utf-8")


class Word(TypeDecorator[str]):
    """A name of a bounded length."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is sent."""
        return None if value is None else as_text(value)


class Words(TypeDecorator[str]):
    """A text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is sent."""
        return None if value is None else as_text(value)


class Number(TypeDecorator[int]):
    """The number of a trial or an attempt."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """What is sent."""
        return value if value is None or -_BOUND <= value < _BOUND else NOBODY
