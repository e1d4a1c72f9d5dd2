"""Those of our values that are written as one text: expressions and spans."""

from __future__ import annotations

import re
from typing import Any

from ..expression.parse import Kind as Kind
from ..expression.parse import parse
from ..expression.print import rule_to_text, to_text
from ..expression.syntax_problem import SyntaxProblem
from ..expression.tree import (
    And,
    BestModel,
    Binary,
    Call,
    Compare,
    KneeModel,
    Literal_,
    Name,
    Negate,
    Not,
    Objective,
    Or,
    ParetoModel,
    Places,
    Promotion,
    Quantity,
    Requirement,
    SetOf,
    WeightedModel,
)
from ..source import Span
from .malformed import MalformedPlain, shown

_TEXTS: tuple[tuple[Kind, frozenset[type]], ...] = (
    ("rule", frozenset({Requirement})),
    ("goal", frozenset({Objective, Requirement})),
    ("model", frozenset({BestModel, ParetoModel, KneeModel, WeightedModel})),
    ("promotion", frozenset({Promotion})),
    ("quantity", frozenset({Quantity, Literal_})),
    (
        "condition",
        frozenset(
            {Literal_, Quantity, Name, Places, Call, Binary, Negate, SetOf, Compare, And, Or, Not}
        ),
    ),
)
"""Which classes are written as text, narrowest first, and the grammar's word for them."""


def text_kind(classes: frozenset[Any]) -> Kind | None:
    """The kind of text that values of all these classes are written as, if there is one."""
    return next((kind for kind, known in _TEXTS if classes <= known), None)


def encode_text(kind: Kind, value: Any) -> str:
    """The text of an expression."""
    return rule_to_text(value) if kind == "rule" else to_text(value)


def decode_text(kind: Kind, classes: frozenset[Any], plain: object, where: str) -> object:
    """The expression of a text.

    Raises:
        MalformedPlain: it is none of these classes.
    """
    if not isinstance(plain, str):
        raise MalformedPlain(where, f"expected the text of a {kind}, found {shown(plain)}")
    try:
        tree = parse(kind, plain)
    except SyntaxProblem as problem:
        raise MalformedPlain(where, f"{problem.message} in `{shown(plain)}`") from problem
    if type(tree) not in classes:
        raise MalformedPlain(where, f"`{shown(plain)}` is no such {kind}")
    return tree


def encode_span(span: Span) -> str:
    """`file:1:2-3:4`."""
    return f"{span}-{span.end_line}:{span.end_column}"


def decode_span(plain: Any, where: str) -> Span:
    """The span of such a text.

    Raises:
        MalformedPlain: it is none.
    """
    pattern = r"(.*):([0-9]{1,9}):([0-9]{1,9})-([0-9]{1,9}):([0-9]{1,9})"
    found = re.fullmatch(pattern, plain, re.DOTALL) if isinstance(plain, str) else None
    if found is None:
        raise MalformedPlain(where, f"expected `file:1:2-3:4`, found {shown(plain)}")
    file, *numbers = found.groups()
    line, column, end_line, end_column = map(int, numbers)
    return Span(file, line, column, end_line, end_column)
