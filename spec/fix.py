"""Edits that do as a message helps, and how sure it is that the writer meant them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from .diagnostic import Edit
from .frozen import dataclass
from .nodes import Scalar
from .source import Span


@dataclass(frozen=True, slots=True)
class Fix:
    """What a `Diagnostic` says under the same names."""

    edits: tuple[Edit, ...] = ()
    applicable: Literal["safe", "maybe"] = "safe"


NO_FIX = Fix()


def replaced(span: Span, text: str, *, sure: bool = True) -> Fix:
    """Other text in one place."""
    return Fix((Edit(span, text),), "safe" if sure else "maybe")


def instead(node: Scalar, meant: str | None, known: Iterable[str]) -> Fix:
    """The word that was probably meant in the place of a scalar.

    Nothing where none was, or where the scalar's text came from a parameter.
    """
    if meant is None or not node.exact:
        return NO_FIX
    return respelled(node.span, node.text, meant, known)


def respelled(span: Span, written: str, meant: str | None, known: Iterable[str]) -> Fix:
    """The word that was probably meant in the place of another."""
    if meant is None:
        return NO_FIX
    return replaced(span, meant, sure=is_sure(written, meant, known))


def is_sure(written: str, meant: str, known: Iterable[str]) -> bool:
    """Whether a word is a slip of the pen for another one, and for no third.

    It is where only capitals, `_` and `-` differ; or one letter in a word of four or more, two in
    one of eight or more. Words that differ in a figure are two words: `conv1` is not `conv2`.
    """
    if _folded(written) == _folded(meant):
        return True
    if _figures(written) != _figures(meant):
        return False
    most = 2 if len(meant) >= 8 else 1 if len(meant) >= 4 else 0
    away = distance(written, meant, most)
    return away <= most and not any(
        distance(written, other, away) <= away for other in known if other != meant
    )


def distance(one: str, other: str, most: int) -> int:
    """Letters to add, take, change or swap; `most + 1` where it is more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return min(row[-1], most + 1)


def _folded(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _figures(word: str) -> str:
    return "".join(letter for letter in word if letter.isdigit())
