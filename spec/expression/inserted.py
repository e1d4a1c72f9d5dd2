"""Holds the values of parameters to one word each, wherever they stand in an expression.

    minimize $(params.metric) on server     metric = accuracy              fine
    minimize $(params.metric) on server     metric = accuracy on jetson    refused: it would steer

A parameter gives a value. Operators, brackets and the words of the grammar are the spec's own.
"""

from __future__ import annotations

import re
from typing import Final

from .parse import Kind
from .syntax_problem import SyntaxProblem
from .tables import Token, tables

_VALUES = frozenset(
    [
        "NUMBER",
        "QUANTITY",
        "INT",
        "NAME",
        "WORD",
        "DEVICE",
        "TRUE",
        "FALSE",
        "SCALE",
        "DIRECTION",
        "BEST",
        "KNEE",
    ]
)
"""Terminals that are one value, or one of a few words that stand for one."""

_NUMBERS = ("NUMBER", "QUANTITY")
_OPERANDS = _VALUES | {"STRING", "RPAR", "RSQB", "RBRACE"}
"""What a minus behind it subtracts from."""

_FIGURES = ("goal", "rule", "model", "promotion")
"""Where `latency.p95` is one name."""


class _Nothing:
    """Stands in for a builder: the tree has been made already."""

    def __getattr__(self, name: str) -> object:
        return _kept


def _kept(children: object) -> object:
    return children


def check_inserted(kind: Kind, text: str, inserted: tuple[tuple[int, int], ...]) -> None:
    """Looks at what the parser made of each inserted value.

    Args:
        kind: of the expression.
        text: it, which can be parsed.
        inserted: the start and end of each value.

    Raises:
        SyntaxProblem: a value is more than one word or number of it.
    """
    tokens: list[Token] = []
    tables().parse(kind, text, _Nothing(), tokens)
    for start, end in inserted:
        if not _is_one(kind, text, tokens, start, end):
            raise _refused(text, start, end)


def blamed(
    problem: SyntaxProblem, text: str, inserted: tuple[tuple[int, int], ...]
) -> SyntaxProblem:
    """What is wrong with an expression that is none: a value that is no word, if there is one."""
    for start, end in inserted:
        if not _WORD.fullmatch(text[start:end]):
            return _refused(text, start, end)
    return problem


_WORD: Final = re.compile(r"[-+]?[\w.]([\w.%/@+-]*\w)?")


def _refused(text: str, start: int, end: int) -> SyntaxProblem:
    value = text[start:end]
    shown = value if len(value) <= 60 else f"{value[:60]}..."
    return SyntaxProblem(
        f"the value `{shown}` is no single word or number, and stands in an expression",
        start,
        end,
        "write the expression into the spec, and let the parameter be one word or number of it",
        "OFC340",
    )


def _is_one(kind: Kind, text: str, tokens: list[Token], start: int, end: int) -> bool:
    touched = [i for i, t in enumerate(tokens) if t.start_pos < end and start < t.end_pos]
    if not touched:
        return False
    first, last = tokens[touched[0]], tokens[touched[-1]]
    types = [tokens[i].type for i in touched]
    if len(types) == 1:
        if first.type == "STRING":
            inside = first.start_pos < start and end < first.end_pos
            return inside and not set(text[start:end]) & set("\\\"'")
        # A blank behind a number belongs to `2 MiB`, one around a word to nothing.
        whole = first.start_pos <= start and end <= first.end_pos
        return first.type in _VALUES and whole
    if (first.start_pos, last.end_pos) != (start, end):
        return False
    if len(types) == 2 and types[0] == "MINUS" and types[1] in _NUMBERS:
        before = tokens[touched[0] - 1].type if touched[0] else ""
        after = tokens[touched[-1] + 1].type if touched[-1] + 1 < len(tokens) else ""
        return before not in _OPERANDS and after != "POWER"
    return (
        kind in _FIGURES
        and text[start:end].replace(".", "", 1).isidentifier()
        and (len(types) == 3 and types[1] == "_DOT")
    )
