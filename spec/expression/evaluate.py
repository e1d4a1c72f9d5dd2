"""What an expression comes to, given the values of its names. Bounded, whatever it says."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from typing import assert_never, cast

from .functions import OF_MANY, OF_ONE, arrangement
from .print import to_text
from .tree import (
    And,
    Binary,
    Call,
    Compare,
    Expression,
    Literal_,
    Name,
    Negate,
    Not,
    Or,
    Places,
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
    "//": lambda left, right: left // right,
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
        case Call():
            return _call(expression, values)
        case SetOf() | Places():
            raise EvaluationProblem(f"`{to_text(expression)}` is no single value")
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
        case Places():
            return members(expression)
        case Call(arguments=arguments):
            return tuple(n for a in arguments for n in names(a))
        case _:
            return ()


@lru_cache(maxsize=64)
def members(places: Places) -> tuple[Name, ...]:
    """The single places, in order."""
    inner = product(*(range(first, last + 1) for first, last in places.ranges))
    return tuple(Name(places.name, (*places.index, *index)) for index in inner)


@lru_cache(maxsize=64)
def _ids(places: Places) -> tuple[str, ...]:
    return tuple(n.id for n in members(places))


def is_present(expression: Expression, values: Mapping[str, Value]) -> bool:
    """Whether it reads nothing that is inactive, which has no value.

    Functions of several numbers want one of them at least, and `given(c, x)` that `c` holds.
    """
    match expression:
        case Name():
            return expression.id in values
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return is_present(left, values) and is_present(right, values)
        case And(operands=operands) | Or(operands=operands):
            return all(is_present(o, values) for o in operands)
        case Negate(operand=operand) | Not(operand=operand):
            return is_present(operand, values)
        case Places():
            return any(id_ in values for id_ in _ids(expression))
        case Call(function="given", arguments=(condition, value)):
            return _holds(condition, values) and is_present(value, values)
        case Call(function=function, arguments=arguments) if function in OF_MANY:
            return any(is_present(a, values) for a in arguments)
        case Call(arguments=arguments):
            return all(is_present(a, values) for a in arguments)
        case _:
            return True


def _holds(condition: Expression, values: Mapping[str, Value]) -> bool:
    try:
        return is_present(condition, values) and evaluate(condition, values) is True
    except EvaluationProblem:
        return False


def _call(call: Call, values: Mapping[str, Value]) -> Value:
    match call.function:
        case "given":
            condition, value = call.arguments
            if not _holds(condition, values):
                raise EvaluationProblem(f"`{to_text(call)}` has no value")
            return evaluate(value, values)
        case "defined":
            evaluate(call.arguments[0], values)
            return True
        case "position":
            return _position(call, values)
        case "size":
            raise EvaluationProblem(f"`{to_text(call)}` is of no subset")
        case function if function in OF_MANY:
            numbers = _numbers(call, values)
            if not numbers:
                raise EvaluationProblem(f"`{to_text(call)}` has nothing to go over")
            return _bounded(lambda: OF_MANY[function](numbers), call)
        case function:
            (argument,) = call.arguments
            number = _number(evaluate(argument, values), argument)
            return _bounded(lambda: OF_ONE[function](number), call)


def _numbers(call: Call, values: Mapping[str, Value]) -> list[int | float]:
    found: list[int | float] = []
    for argument in call.arguments:
        if isinstance(argument, Places):
            found += [_number(values[i], argument) for i in _ids(argument) if i in values]
        elif is_present(argument, values):
            found.append(_number(evaluate(argument, values), argument))
    return found


def _position(call: Call, values: Mapping[str, Value]) -> int:
    """Where a value stands in a permutation, from the digits of Lehmer's code."""
    match call.arguments:
        case (Places() as places, Literal_(value=int(value))):
            try:
                digits = tuple(int(_number(values[i], places)) for i in _ids(places))
                return arrangement(digits).index(value)
            except (KeyError, IndexError, ValueError) as error:
                raise EvaluationProblem(f"`{to_text(call)}` has no value") from error
        case _:
            raise EvaluationProblem(f"`{to_text(call)}` is of no permutation")


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
    return _bounded(
        lambda: _power(left, right) if sign == "**" else _ARITHMETIC[sign](left, right), whole
    )


def _bounded(calculate: Callable[[], int | float | complex], whole: Expression) -> int | float:
    try:
        result = calculate()
    except ZeroDivisionError as error:
        raise EvaluationProblem(f"`{to_text(whole)}` divides by zero") from error
    except OverflowError as error:
        raise EvaluationProblem(f"`{to_text(whole)}` is too large") from error
    except ValueError as error:
        raise EvaluationProblem(f"`{to_text(whole)}` has no value") from error
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
