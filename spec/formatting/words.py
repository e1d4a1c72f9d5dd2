"""A scalar as text: quotes only where they are needed, and double ones there."""

from __future__ import annotations

import re
from typing import Final

from ..yaml.text import quoted
from .pieces import Word

_FLOW: Final = frozenset(",[]{}:")
# What begins with a letter is a string by the rules of 1.1 and of 1.2, but for a few words; and so
# are an amount and a range.
_PLAIN: Final = re.compile(r"[^\W\d_]|[$/]|= ")
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?(us|ms|s|m|h|d|B|[KMGT]i?B|%)")
_RANGE: Final = re.compile(r"-?[0-9][0-9.eE+-]*\.\.\.")
_WORDS: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def inline(word: Word, text: str | None = None, *, flow: bool = False, key: bool = False) -> str:
    """A scalar on one line, without its marks.

    Args:
        word: of any style.
        text: what stands there instead, for an expression in the spelling of the language.
        flow: whether it stands in braces or brackets.
        key: whether a colon follows.
    """
    if text is not None and text != word.value:
        return text if _can_be_plain(text, flow=flow, key=key) else quoted(text)
    if word.style is None:
        return word.raw if "\n" not in word.raw else _joined(word)
    if _can_be_plain(word.value, flow=flow, key=key):
        return word.value
    if word.style == '"' and "\n" not in word.raw:
        return word.raw
    simple = word.value.isprintable() and not set(word.value) & {'"', "\\"}
    if word.style == "'" and "\n" not in word.raw and not simple:
        return word.raw
    return quoted(word.value)


def lines(word: Word, text: str | None, indent: int) -> list[str]:
    """A value of a block: the first line, and further ones with their indentation."""
    if word.style in ("|", ">"):
        return _block(word, indent)
    if "\n" not in word.raw or (text is not None and text != word.value):
        return [inline(word, text)]
    if word.style == '"' and "\\" in word.raw:
        return [inline(word)]
    first, *rest = word.raw.split("\n")
    room = " " * indent
    return [first.rstrip(), *((room + line.strip()).rstrip() for line in rest)]


def _joined(word: Word) -> str:
    """A plain scalar of several lines on one."""
    return word.value if "\n" not in word.value else quoted(word.value)


def _can_be_plain(value: str, *, flow: bool, key: bool) -> bool:
    if _AMOUNT.fullmatch(value):
        return True
    if (
        not (_PLAIN.match(value) or _RANGE.match(value))
        or not value.isprintable()
        or value.lower() in _WORDS
    ):
        return False
    if value[-1] in " :" or ": " in value or " #" in value:
        return False
    if key and (":" in value or len(value) > 128):
        return False
    # Older readers of YAML take no colon in a plain scalar in braces.
    return not (flow and set(value) & _FLOW)


def _block(word: Word, indent: int) -> list[str]:
    """A block scalar with its own lines, moved to where it stands now.

    Its indicators are made anew: how it ends follows from the value, and a number is needed only
    where the first line has spaces of its own.
    """
    header, _, body = word.raw.partition("\n")
    written = body.split("\n")
    first = next((line for line in written if line.strip(" ")), None)
    mine = next((line for line in word.value.split("\n") if line.strip(" ")), None)
    if first is None or mine is None:
        return [quoted(word.value)]
    deep = _spaces(first) - _spaces(mine)
    content = [line[deep:] for line in written]
    while content and not content[-1]:
        content.pop()
    breaks = len(word.value) - len(word.value.rstrip("\n"))
    end = "-" if breaks == 0 else "" if breaks == 1 else "+"
    number = "2" if any(c.isdigit() for c in header.split("#")[0]) else ""
    room = " " * indent
    shown = [room + line if line else "" for line in content]
    return [f"{word.style}{number}{end}", *shown, *[""] * max(0, breaks - 1)]


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
