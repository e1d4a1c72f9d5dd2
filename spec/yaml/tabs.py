r"""How many spaces stand for the tabs at the beginning of lines, where the lines around say so.

A line continues a block that is open, or begins one under the key before it:

    spec:                 spec:
        data: {...}   =>      data: {...}
    \tsearch:                 search:
    \t\tbudget: 8                 budget: 8
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LINE: Final = re.compile(r"^([ \t]*)(.*)$", re.MULTILINE)
_DASHES: Final = re.compile(r"(?:-(?: +|$))+")
_KEY: Final = re.compile(r":(?:\s|$)")
_OPENS: Final = re.compile(r"(?:^|[:\s-])[|>][-+0-9]*$|:$|(?:^|\s)-$")
_REMARK: Final = re.compile(r"(?:^|\s+)#.*$")

UNIT: Final = 2
"""Spaces of a level where no line shows how many."""


class Level(NamedTuple):
    """A block that is open: what its lines begin with, how many spaces that is, if items are in it.

    A key stands in no list, and an item in no mapping.
    """

    prefix: str
    width: int
    items: bool = False


class Indented(NamedTuple):
    """A line that begins with a tab: its offset, what stands before its text, and the spaces."""

    start: int
    prefix: str
    width: int

    @property
    def edit(self) -> tuple[int, int, str]:
        """Spaces in the place of the tabs; those before the first tab stay."""
        kept = len(self.prefix) - len(self.prefix.lstrip(" "))
        return self.start + kept, self.start + len(self.prefix), " " * (self.width - kept)


def without_tabs(text: str, tab: int) -> tuple[Indented, ...]:
    """Every line that begins with a tab, and the one of the tab at `tab`.

    Empty where of one of them two things could have been meant.
    """
    faulty = text.rfind("\n", 0, tab) + 1
    lines = [(m.start(), m.group(1), m.group(2).strip()) for m in _LINE.finditer(text)]
    unit, following = _unit(lines), _following(lines)
    open_, opens = [Level("", 0)], False
    found: list[Indented] = []
    for i, (start, prefix, content) in enumerate(lines):
        meant = "\t" in prefix and (prefix.startswith("\t") or start == faulty)
        if not content or content.startswith("#"):
            if meant:
                same = (level.width for level in open_ if level.prefix == prefix)
                remark = next(same, open_[-1].width)
                found.append(Indented(start, prefix, remark if content else 0))
            continue
        width = len(prefix)
        if meant:
            one = _width(prefix, content, open_, opens, unit, following[i])
            if one is None:
                return ()
            width = one
            found.append(Indented(start, prefix, width))
        while open_ and open_[-1].width >= width:
            open_.pop()
        dashes = _DASHES.match(content)
        open_.append(Level(prefix, width, dashes is not None))
        if dashes is not None and _KEY.search(content):
            open_.append(Level("", width + dashes.end()))
        opens = _is_open(content)
    return tuple(found) if all(i.width >= i.edit[0] - i.start for i in found) else ()


def _width(
    prefix: str,
    content: str,
    open_: list[Level],
    opens: bool,
    unit: int,
    following: int | None,
) -> int | None:
    """The spaces of a line; None where it could belong to two blocks."""
    same = [level.width for level in open_ if level.prefix == prefix]
    if same:
        return same[-1]
    for level in reversed(open_):
        rest = prefix.removeprefix(level.prefix)
        if "\t" in level.prefix and rest != prefix and "\t" not in rest:
            return level.width + len(rest)
    last = open_[-1].width
    key = _DASHES.match(content) is None and _KEY.search(content) is not None
    if opens and not key and following is not None and following > last + unit:
        return None  # it may be a text behind `|`, or an item that the next line goes on with
    if opens:
        first = following is not None and following > last and not _is_open(content)
        return following if first else last + unit
    tabs, least = prefix.count("\t"), prefix.count(" ")
    deep = [level for level in open_ if level.width > 0][tabs - 1 :]
    item = _DASHES.match(content) is not None
    candidates = [each.width for each in deep if each.width > least and each.items == item]
    return candidates[0] if len(candidates) == 1 else None


def _unit(lines: list[tuple[int, str, str]]) -> int:
    """The spaces of the first line that is one level deep."""
    before = False
    for _, prefix, content in lines:
        if before and prefix and "\t" not in prefix and not content.startswith("- "):
            return len(prefix)
        if content:
            before = not prefix and content.endswith(":")
    return UNIT


def _following(lines: list[tuple[int, str, str]]) -> list[int | None]:
    """By line, the indentation of the next one with a text; None where that has tabs."""
    found: list[int | None] = []
    after: int | None = None
    for _, prefix, content in reversed(lines):
        found.append(after)
        if content and not content.startswith("#"):
            after = None if "\t" in prefix else len(prefix)
    return found[::-1]


def _is_open(content: str) -> bool:
    """Whether what follows stands under this line: a key without a value, or a text behind `|`."""
    return _OPENS.search(_REMARK.sub("", content)) is not None
