"""What may come next in an expression, asked of the grammar's own tables.

So completion knows every word of the grammar without a list of its own, also of one that grows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from omniforce.spec.expression.parse import MAX_LENGTH, Kind
from omniforce.spec.expression.tables import BLANKS, TABLES, Tables, Token, tables
from omniforce.spec.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Expectation:
    """How far a text can be read, and what may stand behind that.

    Attributes:
        tokens: its terminals, up to the first that cannot stand where it does.
        rest: offset of that one; the text's length where all could be read.
        states: of the parser, there.
    """

    tokens: tuple[Token, ...]
    rest: int
    states: tuple[int, ...]

    @property
    def terminals(self) -> frozenset[str]:
        """The names of those that may come there."""
        table = tables()
        candidates = (t for t in table.states[self.states[-1]] if t in table.terminals)
        return frozenset(t for t in candidates if _shift(table, list(self.states), t))

    @property
    def words(self) -> tuple[str, ...]:
        """Of the terminals that are words of the grammar, these words."""
        known = _words()
        return tuple(w for name in sorted(self.terminals) for w in known.get(name, ()))


def expect(kind: Kind, text: str) -> Expectation:
    """Reads a text that need not be complete, nor right."""
    table = tables()
    text = text[:MAX_LENGTH]
    stack = [table.starts[kind][0]]
    tokens: list[Token] = []
    at = 0
    while True:
        while at < len(text) and text[at] in BLANKS:
            at += 1
        token = _token(table, stack[-1], text, at)
        if token is None or not _shift(table, stack, token.type):
            return Expectation(tuple(tokens), at, tuple(stack))
        tokens.append(token)
        at = token.end_pos


def _token(table: Tables, state: int, text: str, at: int) -> Token | None:
    if at >= len(text):
        return None
    expected = table.states[state]
    for name, match in table.terminals.items():
        if name in expected and (end := match(text, at)) > at:
            return Token(name, text[at:end], at)
    return None


def _shift(table: Tables, stack: list[int], terminal: str) -> bool:
    """Puts a terminal on the stack, all that it completes reduced; whether it may come."""
    while (to := table.states[stack[-1]].get(terminal)) is not None and to < 0:
        rule = table.rules[-1 - to]
        if rule.kept:
            del stack[-len(rule.kept) :]
        stack.append(table.states[stack[-1]][rule.name])
    if to is None:
        return False
    stack.append(to)
    return True


@lru_cache(maxsize=1)
def _words() -> Mapping[str, tuple[str, ...]]:
    """The words of each terminal that is made of words, not of signs or patterns."""
    read = json.loads(TABLES.read_text(encoding="utf-8"))
    return {
        name: tuple(what)
        for name, how, what in read["terminals"]
        if how == "words" and all(w.isidentifier() for w in what)
    }
