"""What an expression comes to, given the values of its names. Bounded, whatever it says."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import assert_never, cast

from .print import to_text
from .tree import (
    And,
    Binary,
    Compare,
    Expression,
    Literal_,
    Name,
    Negate,
    Not,
    Or,
    Quantity,
    SetOf,
    Value,
)
from .units import to_base

MAX_MAGNITUDE = 2.0**1000
"""Results beyond this are refused, and so no power takes long or much memory."""

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right,
    "%": operator.mod,
}


class EvaluationProblem(Exception):  # noqa: N818 - a state of the values, not a fault
    """The expression has no value here: a division by zero, a word in arithmetic, no such name."""


def evaluate(expression: Expression, values: Mapping[str, Value]) -> Value:
    """The value of `expression`, its names read from `values` by `Name.id`.

    Quantities count in their base unit. `and` and `or` look at the right side only if they must.

    Raises:
        EvaluationProblem: there is none.
    """
    match expression:
        case Literal_(value=value):
            return value
        case Name():
            if expression.id not in values:
                raise EvaluationProblem(f"`{expression.id}` has no value")
            return values[expression.id]
        case Compare(operator="in" | "not in" as word, left=left, right=SetOf(items=items)):
            found = evaluate(left, values)
            return any(_same(found, item) for item in items) == (word == "in")
        case Compare(operator=sign, left=left, right=right):
            return _compare(sign, evaluate(left, values), evaluate(right, values), expression)
        case And(operands=operands):
            return all(_truth(evaluate(o, values), o) for o in operands)
        case Or(operands=operands):
            return any(_truth(evaluate(o, values), o) for o in operands)
        case Not(operand=operand):
            return not _truth(evaluate(operand, values), operand)
        case Binary(operator=sign, left=left, right=right):
            return _calculate(
                sign,
                _number(evaluate(left, values), left),
                _number(evaluate(right, values), right),
                expression,
            )
        case Negate(operand=operand):
            return -_number(evaluate(operand, values), operand)
        case Quantity(value=value, unit=unit):
            return to_base(value, unit)
        case SetOf():
            raise EvaluationProblem(f"the set `{to_text(expression)}` is no value")
        case _:
            assert_never(expression)


def names(expression: Expression) -> tuple[Name, ...]:
    """Every name in it, from left to right, as often as it stands there."""
    match expression:
        case Name():
            return (expression,)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return names(left) + names(right)
        case And(operands=operands) | Or(operands=operands):
            return tuple(n for o in operands for n in names(o))
        case Negate(operand=operand) | Not(operand=operand):
            return names(operand)
        case _:
            return ()


def _same(left: Value, right: Value) -> bool:
    # Python holds `True == 1`; a choice of truth values is no number.
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _compare(sign: str, left: Value, right: Value, whole: Expression) -> bool:
    if sign in ("==", "!="):
        return _same(left, right) == (sign == "==")
    if sign not in _ORDERS:
        raise EvaluationProblem(f"`{to_text(whole)}` needs a set on its right")
    if isinstance(left, str) and isinstance(right, str):
        raise EvaluationProblem(f"words have no order, so `{to_text(whole)}` has no value")
    return _ORDERS[sign](_number(left, whole), _number(right, whole))


def _truth(value: Value, part: Expression) -> bool:
    if not isinstance(value, bool):
        raise EvaluationProblem(f"`{to_text(part)}` is neither true nor false")
    return value


def _number(value: Value, part: Expression) -> int | float:
    if isinstance(value, bool | str):
        raise EvaluationProblem(f"`{to_text(part)}` is no number")
    return value


def _calculate(sign: str, left: int | float, right: int | float, whole: Expression) -> int | float:
    try:
        result = _power(left, right) if sign == "**" else _ARITHMETIC[sign](left, right)
    except ZeroDivisionError as error:
        raise EvaluationProblem(f"`{to_text(whole)}` divides by zero") from error
    except OverflowError as error:
        raise EvaluationProblem(f"`{to_text(whole)}` is too large") from error
    if isinstance(result, complex):
        raise EvaluationProblem(f"`{to_text(whole)}` is no real number")
    if not abs(result) <= MAX_MAGNITUDE:
        raise EvaluationProblem(f"`{to_text(whole)}` is too large")
    return result


def _power(left: int | float, right: int | float) -> int | float | complex:
    """`left ** right`; in floating point, which overflows at once, where it might be long."""
    whole = isinstance(left, int) and isinstance(right, int) and 0 <= right <= 1000
    if whole and int(left).bit_length() * right <= 1000:
        return int(left**right)
    return cast("float | complex", float(left) ** float(right))
