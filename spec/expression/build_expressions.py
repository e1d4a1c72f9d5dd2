"""Nodes of conditions, constraints, terms, sets and ranges from what the parser has matched."""

from __future__ import annotations

import json
from dataclasses import replace
from math import prod
from typing import Any, cast

from .amounts import number_of, quantity_of, shortened
from .functions import function_of
from .places import Children, between, offsets_of
from .syntax_problem import SyntaxProblem
from .tree import (
    And,
    Binary,
    Call,
    Compare,
    Expression,
    Interval,
    Literal_,
    Name,
    Negate,
    Not,
    Offsets,
    Or,
    Places,
    Quantity,
    SetOf,
    Value,
)

MOST_PLACES = 10_000
"""As many as a space may have coordinates."""


class ExpressionRules:
    """One method a rule or alias of grammar.lark, given the children in order."""

    def disjunction(self, children: Children) -> Or:
        """`a or b or c`."""
        return Or(tuple(children), at=between(children[0], children[-1]))

    def conjunction(self, children: Children) -> And:
        """`a and b and c`."""
        return And(tuple(children), at=between(children[0], children[-1]))

    def negation(self, children: Children) -> Not:
        """`not a`."""
        return Not(children[1], at=between(children[0], children[1]))

    def compare(self, children: Children) -> Compare:
        """`a <= b`."""
        left, operator, right = children
        return Compare(cast("Any", str(operator)), left, right, at=between(left, right))

    def member(self, children: Children) -> Compare:
        """`a in {b, c}`."""
        left, _, right = children
        return Compare("in", left, right, at=between(left, right))

    def not_member(self, children: Children) -> Compare:
        """`a not in {b, c}`."""
        left, _, _, right = children
        return Compare("not in", left, right, at=between(left, right))

    def binary(self, children: Children) -> Binary:
        """`a + b`."""
        left, operator, right = children
        return Binary(cast("Any", str(operator)), left, right, at=between(left, right))

    def minus(self, children: Children) -> Expression:
        """`-a`; a number written right behind the sign is a negative number."""
        sign, operand = children
        at = between(sign, operand)
        close = operand.at.start == sign.end_pos
        match operand:
            case Literal_(value=int() | float() as value) if (
                close and value >= 0 and not isinstance(value, bool)
            ):
                # `-(3)` and `-3` differ, so that every tree has a text of its own; in brackets
                # the number does not begin where the sign ends.
                return Literal_(-value, at=at)
            case Quantity(value=value, unit=unit) if close and value >= 0:
                return Quantity(-value, unit, at=at)
            case _:
                return Negate(operand, at=at)

    def number(self, children: Children) -> Literal_:
        """`1e-3`."""
        (token,) = children
        value = number_of(str(token), token.start_pos, token.end_pos)
        return Literal_(value, at=offsets_of(token))

    def quantity_literal(self, children: Children) -> Quantity:
        """`2MiB`, `10 %`."""
        return quantity_of("".join(map(str, children)), children[0].start_pos)

    def negative_amount(self, children: Children) -> Literal_ | Quantity:
        """`-3`, `-5ms`."""
        sign, *rest = children
        positive = (
            self.number(rest)
            if len(rest) == 1 and rest[0].type == "NUMBER"
            else self.quantity_literal(rest)
        )
        at = Offsets(sign.start_pos, positive.at.end)
        if isinstance(positive, Quantity):
            return Quantity(-positive.value, positive.unit, at=at)
        return Literal_(-cast("int | float", positive.value), at=at)

    def string(self, children: Children) -> Literal_:
        """`"a word"`."""
        return Literal_(unquoted(children[0]), at=offsets_of(children[0]))

    def truth(self, children: Children) -> Literal_:
        """`true`."""
        return Literal_(True, at=offsets_of(children[0]))

    def falsehood(self, children: Children) -> Literal_:
        """`false`."""
        return Literal_(False, at=offsets_of(children[0]))

    def place(self, children: Children) -> Name | Places:
        """`channels[0][2]`, `channels[0][0...3]`."""
        name, *brackets = children
        at = between(name, children[-1])
        groups: list[list[Any]] = []
        for token in brackets:
            if token.type == "LSQB":
                groups.append([])
            elif token.type == "INT":
                groups[-1].append(token)
        outer = next((i for i, g in enumerate(groups) if len(g) > 1), len(groups))
        for token in (t for g in groups for t in g):
            if len(token) > 6:
                raise SyntaxProblem(
                    "no array is as long", token.start_pos, token.end_pos, "write a smaller place"
                )
        numbers = [tuple(map(int, g)) for g in groups]
        index = tuple(g[0] for g in numbers[:outer])
        # `[2]` behind a range is one place, written as a range of one.
        ranges = tuple((g[0], g[-1]) for g in numbers[outer:])
        if prod(max(last - first, 0) + 1 for first, last in ranges) > MOST_PLACES:
            raise SyntaxProblem(
                f"more than {MOST_PLACES} places are named",
                at.start,
                at.end,
                "name the whole array, as in `sum(channels)`",
            )
        return Places(str(name), index, ranges, at=at) if ranges else Name(str(name), index, at=at)

    def call(self, children: Children) -> Call:
        """`sum(channels)`."""
        name, _, *arguments, right = children
        at = between(name, right)
        return Call(function_of(name, len(arguments), at), tuple(arguments), at=at)

    def parenthesised(self, children: Children) -> Expression:
        """`(a)`: what stands inside, with the brackets counted to its place."""
        left, inner, right = children
        if isinstance(inner, Literal_ | Quantity):
            return inner
        return cast("Expression", replace(inner, at=between(left, right)))

    def set(self, children: Children) -> SetOf:
        """`{a, b}`."""
        left, *items, right = children
        return SetOf(tuple(items), at=between(left, right))

    def number_value(self, children: Children) -> int | float:
        """A number in a set or a range."""
        return number_of(str(children[0]), children[0].start_pos, children[0].end_pos)

    def negative_value(self, children: Children) -> int | float:
        """A negative number in a set or a range."""
        return -self.number_value(children[1:])

    def string_value(self, children: Children) -> str:
        """A quoted word in a set."""
        return unquoted(children[0])

    def word_value(self, children: Children) -> Value:
        """A word in a set."""
        return word_of(children[0])

    def interval(self, children: Children) -> Interval:
        """`2...5`."""
        low, high = children
        return Interval(low.value, high.value, at=between(low, high))

    def bracketed(self, children: Children) -> Interval:
        """`[2...5]`."""
        return cast("Interval", children[1])


def unquoted(token: Any) -> str:
    """The text between quotes."""
    text = str(token)
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return str(json.loads(text, strict=False))
    except ValueError as error:
        raise SyntaxProblem(
            f"{shortened(text)} has an escape that JSON does not know",
            token.start_pos,
            token.end_pos,
            "write a backslash as `\\\\`, or use single quotes",
        ) from error


def word_of(token: Any) -> Value:
    """A word in a set: itself, or a truth value."""
    return {"true": True, "false": False}.get(str(token), str(token))
