"""Parses with the tables that `make_tables` has made of the grammar.

This is the algorithm of LALR(1) with a lexer that asks the parser's state which terminals may come,
as lark has it; of lark itself nothing is needed to read a spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..frozen import dataclass

TABLES = Path(__file__).with_name("grammar.tables.json")

END = "$END"
BLANKS = " \t\r\n"

Match = Callable[[str, int], int]
"""Where a terminal that begins at an offset ends; the offset itself where it does not."""


class Token(str):
    """A terminal of the text, with its place."""

    __slots__ = ("end_pos", "start_pos", "type")

    def __new__(cls, type_: str, text: str, start: int) -> Token:
        """The terminal `type_` that begins at `start`."""
        made = super().__new__(cls, text)
        made.type, made.start_pos, made.end_pos = type_, start, start + len(text)
        return made

    type: str
    start_pos: int
    end_pos: int


class Unexpected(Exception):  # noqa: N818 - the caller makes a message of it
    """Nothing that may come here comes; `at` is where, None at the end of the text."""

    def __init__(self, at: int | None) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Rule:
    """What a reduction does.

    Attributes:
        name: what it reduces to.
        method: of the builder; empty where the children go to the rule above.
        single: whether one child stands for itself.
        kept: of each symbol, 0 dropped, 1 kept, 2 a list whose items are kept.
    """

    name: str
    method: str
    single: bool
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """The parser.

    Attributes:
        starts: by kind of expression, the state to begin in and the one to end in.
        rules: by number.
        states: what each symbol leads to, a state from 0 up or `-1 - rule`.
        terminals: how each is matched, in the order in which they are tried.
    """

    starts: Mapping[str, tuple[int, int]]
    rules: tuple[Rule, ...]
    states: tuple[Mapping[str, int], ...]
    terminals: Mapping[str, Match]

    def parse(
        self, kind: str, text: str, builder: object, tokens: list[Token] | None = None
    ) -> object:
        """What the builder makes of `text`.

        Args:
            kind: of expression.
            text: all of which is read.
            builder: has the methods of the rules.
            tokens: gets the terminals of the text, for who wants to know.

        Raises:
            Unexpected: it is no expression of this kind.
        """
        start, end = self.starts[kind]
        states, values = [start], list[Any]()
        at = 0
        while True:
            while at < len(text) and text[at] in BLANKS:
                at += 1
            token = self._token(states[-1], text, at) if at < len(text) else None
            # What the token makes complete is reduced first.
            while (to := self.states[states[-1]].get(token.type if token else END)) is not None:
                if to >= 0:
                    break
                self._reduce(self.rules[-1 - to], states, values, builder)
                if token is None and states[-1] == end:
                    return values[-1]
            if to is None or token is None:
                raise Unexpected(token.start_pos if token else None)
            states.append(to)
            values.append(token)
            if tokens is not None:
                tokens.append(token)
            at = token.end_pos

    def _token(self, state: int, text: str, at: int) -> Token:
        expected = self.states[state]
        for name, match in self.terminals.items():
            if name in expected and (end := match(text, at)) > at:
                return Token(name, text[at:end], at)
        raise Unexpected(at)

    def _reduce(self, rule: Rule, states: list[int], values: list[Any], builder: object) -> None:
        children: list[Any] = []
        size = len(rule.kept)
        for keep, value in zip(rule.kept, values[len(values) - size :], strict=True):
            if keep == 1:
                children.append(value)
            elif keep == 2:
                children += value
        if size:
            del states[-size:], values[-size:]
        states.append(self.states[states[-1]][rule.name])
        if rule.single and len(children) == 1:
            values.append(children[0])
        elif not rule.method:
            values.append(children)
        else:
            values.append(getattr(builder, rule.method)(children))


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables of the grammar."""
    import json

    read = json.loads(TABLES.read_text(encoding="utf-8"))
    return Tables(
        starts={kind: (start, end) for kind, (start, end) in read["starts"].items()},
        rules=tuple(
            Rule(name, method.lstrip("?"), method.startswith("?"), tuple(kept))
            for name, method, kept in read["rules"]
        ),
        states=tuple(read["states"]),
        terminals={name: _matcher(how, what) for name, how, what in read["terminals"]},
    )


def _matcher(how: str, what: list[str]) -> Match:
    if how == "texts":
        return _texts(tuple(what))
    return _words(tuple(what)) if how == "words" else _pattern(what[0])


def _texts(texts: tuple[str, ...]) -> Match:
    def match(text: str, at: int) -> int:
        return next((at + len(t) for t in texts if text.startswith(t, at)), at)

    return match


def _words(words: tuple[str, ...]) -> Match:
    def match(text: str, at: int) -> int:
        for word in words:
            end = at + len(word)
            if text.startswith(word, at) and not _continues(text, end):
                return end
        return at

    return match


def _continues(text: str, at: int) -> bool:
    """Whether a word goes on at an offset."""
    return at < len(text) and (text[at].isalnum() or text[at] == "_")


def _pattern(pattern: str) -> Match:
    compiled: list[re.Pattern[str]] = []

    def match(text: str, at: int) -> int:
        if not compiled:
            # Most texts need few of them.
            compiled.append(re.compile(pattern))
        found = compiled[0].match(text, at)
        return found.end() if found is not None else at

    return match
