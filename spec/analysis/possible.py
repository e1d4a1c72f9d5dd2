"""What an expression can come to over a whole box of values: interval arithmetic, and sets.

Every answer errs on one side only: what is left out is impossible, what is named may still be.
Moore, Kearfott & Cloud (2009), Introduction to interval analysis, chapters 2 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..expression.evaluate import EvaluationProblem, evaluate
from ..expression.tree import (
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
from ..expression.units import to_base
from ..frozen import dataclass

INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Numbers:
    """Any number from `low` to `high`, both included."""

    low: float
    high: float


Possible = Numbers | frozenset[Value]
"""What a value can be: an interval, or one of a few values."""

BOTH: frozenset[Value] = frozenset((True, False))
YES: frozenset[Value] = frozenset((True,))
NO: frozenset[Value] = frozenset((False,))
ANYTHING = Numbers(-INFINITY, INFINITY)


def possible(expression: Expression, box: Mapping[str, Possible]) -> Possible:
    """What `expression` can come to while each name is somewhere in its part of the box.

    Args:
        expression: resolved; names are looked up by their id.
        box: a name that is missing can be anything.
    """
    match expression:
        case Literal_(value=value):
            return frozenset((value,))
        case Quantity(value=value, unit=unit):
            return frozenset((to_base(value, unit),))
        case Name():
            return box.get(expression.id, ANYTHING)
        case And(operands=operands):
            return _all([truth(o, box) for o in operands])
        case Or(operands=operands):
            return _negated(_all([_negated(truth(o, box)) for o in operands]))
        case Not(operand=operand):
            return _negated(truth(operand, box))
        case Compare(operator="in" | "not in" as word, left=left, right=SetOf(items=items)):
            found = _member(possible(left, box), items)
            return found if word == "in" else _negated(found)
        case Compare(operator=sign, left=left, right=right):
            return _compare(sign, possible(left, box), possible(right, box))
        case Negate(operand=operand):
            inner = _interval(possible(operand, box))
            return Numbers(-inner.high, -inner.low)
        case Binary(operator=sign, left=left, right=right):
            return _calculate(sign, possible(left, box), possible(right, box), expression)
        case _:
            return ANYTHING


def truth(expression: Expression, box: Mapping[str, Possible]) -> frozenset[Value]:
    """Whether a condition can hold, and whether it can not."""
    found = possible(expression, box)
    return found & BOTH if isinstance(found, frozenset) and found <= BOTH else BOTH


def _negated(found: frozenset[Value]) -> frozenset[Value]:
    return frozenset(not each for each in found)


def _all(parts: list[frozenset[Value]]) -> frozenset[Value]:
    if any(part == NO for part in parts):
        return NO
    return YES if all(part == YES for part in parts) else BOTH


def _interval(found: Possible) -> Numbers:
    if isinstance(found, Numbers):
        return found
    numbers = [v for v in found if not isinstance(v, bool | str)]
    return Numbers(min(numbers), max(numbers)) if len(numbers) == len(found) > 0 else ANYTHING


def _same(one: Value, other: Value) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _member(found: Possible, items: tuple[Value, ...]) -> frozenset[Value]:
    if isinstance(found, frozenset):
        inside = {any(_same(value, item) for item in items) for value in found}
        return frozenset(inside)
    near = [i for i in items if not isinstance(i, bool | str) and found.low <= i <= found.high]
    if not near:
        return NO
    return YES if found.low == found.high else BOTH


def _compare(sign: str, left: Possible, right: Possible) -> frozenset[Value]:
    if sign in ("==", "!="):
        same = _equal(left, right)
        return same if sign == "==" else _negated(same)
    if sign not in ("<", "<=", ">", ">="):
        return BOTH
    if sign in (">", ">="):
        sign, left, right = {">": "<", ">=": "<="}[sign], right, left
    one, other = _interval(left), _interval(right)
    if one is ANYTHING or other is ANYTHING:
        return BOTH
    if sign == "<":
        return YES if one.high < other.low else NO if one.low >= other.high else BOTH
    return YES if one.high <= other.low else NO if one.low > other.high else BOTH


def _equal(left: Possible, right: Possible) -> frozenset[Value]:
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        pairs = {_same(a, b) for a in left for b in right}
        return frozenset(pairs) if len(left) * len(right) <= 4096 else BOTH
    one, other = _interval(left), _interval(right)
    if one is ANYTHING or other is ANYTHING:
        return BOTH
    if one.high < other.low or other.high < one.low:
        return NO
    return YES if one.low == one.high == other.low == other.high else BOTH


def _calculate(sign: str, left: Possible, right: Possible, whole: Binary) -> Possible:
    if (
        isinstance(left, frozenset)
        and isinstance(right, frozenset)
        and len(left) == len(right) == 1
    ):
        return _exact(whole, next(iter(left)), next(iter(right)))
    a, b = _interval(left), _interval(right)
    if not all(map(math.isfinite, (a.low, a.high, b.low, b.high))):
        return ANYTHING
    match sign:
        case "+":
            return Numbers(a.low + b.low, a.high + b.high)
        case "-":
            return Numbers(a.low - b.high, a.high - b.low)
        case "*":
            return _hull([x * y for x in (a.low, a.high) for y in (b.low, b.high)])
        case "/" if b.low > 0 or b.high < 0:
            return _hull([x / y for x in (a.low, a.high) for y in (b.low, b.high)])
        case "%" if b.low > 0:
            return Numbers(0.0, b.high)
        case "**" if a.low > 0:
            return _powers(a, b)
        case _:
            return ANYTHING


def _exact(whole: Binary, left: Value, right: Value) -> Possible:
    try:
        return frozenset((evaluate(Binary(whole.operator, Literal_(left), Literal_(right)), {}),))
    except EvaluationProblem:
        return ANYTHING  # no value at all: what reads it does not hold, which BOTH allows


def _powers(a: Numbers, b: Numbers) -> Possible:
    try:
        return _hull([x**y for x in (a.low, a.high) for y in (b.low, b.high)])
    except (OverflowError, ZeroDivisionError):
        return ANYTHING


def _hull(corners: list[float]) -> Numbers:
    """The corners' interval, a rounding wider, so that no bound is lost to floating point."""
    low, high = min(corners), max(corners)
    if not (math.isfinite(low) and math.isfinite(high)):
        return ANYTHING
    whole = all(float(c).is_integer() and abs(c) < 2**53 for c in corners)
    return Numbers(low, high) if whole else Numbers(_down(low), _up(high))


def _down(value: float) -> float:
    return math.nextafter(value, -INFINITY)


def _up(value: float) -> float:
    return math.nextafter(value, INFINITY)
