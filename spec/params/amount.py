"""What a parameter of the type `duration` or `size` comes to, for its bounds."""

from __future__ import annotations

from typing import Literal, cast

from ..expression.syntax_problem import SyntaxProblem
from ..expression.tree import Literal_, Quantity, Value
from ..expression.units import UNITS, to_base

Measure = Literal["duration", "size"]

_DIMENSIONS = {"duration": "time", "size": "size"}


def amount(measure: Measure, value: Value | None) -> float | None:
    """`2h` in seconds, `2MiB` in bytes, a number as it is; None for what is none, or below zero."""
    if isinstance(value, str):
        return _written(measure, value)
    if isinstance(value, bool) or value is None:
        return None
    return float(value) if 0 <= value <= 2**62 else None


def _written(measure: Measure, text: str) -> float | None:
    from ..expression.parse import parse

    try:
        tree = parse("quantity", text)
    except SyntaxProblem:
        return None
    match tree:
        case Quantity(value, unit) if UNITS[unit].dimension == _DIMENSIONS[measure] and value >= 0:
            return to_base(value, unit)
        case Literal_(value) if not isinstance(value, str):
            return cast("float", value) if value >= 0 else None
        case _:
            return None
