"""Between which numbers an expression lies, and whether it surely has a value.

Interval arithmetic: each answer errs on the safe side only. Moore, Kearfott & Cloud (2009),
Introduction to interval analysis, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import cast

from ..frozen import dataclass
from .evaluate import MAX_MAGNITUDE, members
from .functions import OF_MANY, OF_ONE
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
)
from .units import to_base


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an expression comes to.

    Attributes:
        low, high: where its value lies, if it has one.
        sure: it has a value wherever all that it reads is active.
        never: it has none anywhere.
        certain: all that it needs is active in every point.
    """

    low: float = -math.inf
    high: float = math.inf
    sure: bool = True
    never: bool = False
    certain: bool = True


ANY = Bounds()

Box = Mapping[str, Bounds]
"""Where each coordinate lies, by its id; one that is not there may be anywhere."""


def bounds(expression: Expression, box: Box) -> Bounds:
    """The bounds of a resolved expression; words and truth values have none, and are sure."""
    match expression:
        case Literal_(value=value):
            return ANY if isinstance(value, bool | str) else Bounds(value, value)
        case Quantity(value=value, unit=unit):
            return Bounds(to_base(value, unit), to_base(value, unit))
        case Name():
            return box.get(expression.id, ANY)
        case Negate(operand=operand):
            inner = bounds(operand, box)
            return replace(inner, low=-inner.high, high=-inner.low)
        case Binary(operator=sign, left=left, right=right):
            return _calculated(sign, bounds(left, box), bounds(right, box), right)
        case Compare(left=left, right=right):
            return _both(bounds(left, box), bounds(right, box))
        case And(operands=operands) | Or(operands=operands):
            parts = [bounds(o, box) for o in operands]
            return replace(_both(*parts), never=parts[0].never)
        case Not(operand=operand):
            return _both(bounds(operand, box))
        case Call():
            return _called(expression, box)
        case _:
            return ANY


def _both(*parts: Bounds) -> Bounds:
    return Bounds(
        sure=all(p.sure for p in parts),
        never=any(p.never for p in parts),
        certain=all(p.certain for p in parts),
    )


def _checked(low: float, high: float, *parts: Bounds) -> Bounds:
    """An interval of numbers, unsure where they may grow beyond what is calculated with."""
    low = -math.inf if math.isnan(low) else low
    high = math.inf if math.isnan(high) else high
    small = max(abs(low), abs(high)) <= MAX_MAGNITUDE
    told = _both(*parts)
    never = told.never or low > MAX_MAGNITUDE or high < -MAX_MAGNITUDE
    return Bounds(low, high, told.sure and small, never, told.certain)


def _calculated(sign: str, left: Bounds, right: Bounds, divisor: Expression) -> Bounds:
    match sign:
        case "+":
            return _checked(left.low + right.low, left.high + right.high, left, right)
        case "-":
            return _checked(left.low - right.high, left.high - right.low, left, right)
        case "*":
            return _corners(lambda a, b: a * b if a and b else 0.0, left, right)
        case "/" | "//" | "%" if right.low <= 0 <= right.high:
            never = right.low == right.high == 0
            told = _both(left, right)
            return replace(told, sure=False, never=told.never or never)
        case "/":
            return _corners(lambda a, b: a / b, left, right)
        case "//":
            found = _corners(lambda a, b: a / b, left, right)
            return replace(found, low=_floor(found.low), high=_floor(found.high))
        case "%":
            # The rest has the sign of the divisor, as in Python.
            return _checked(min(right.low, 0.0), max(right.high, 0.0), left, right)
        case _:
            return _power(left, right, divisor)


def _floor(value: float) -> float:
    return math.floor(value) if math.isfinite(value) else value


def _corners(calculate: Callable[[float, float], float], left: Bounds, right: Bounds) -> Bounds:
    """Of an operation that goes one way in each operand, the extremes stand in the corners."""
    found: list[float] = []
    for a, b in product((left.low, left.high), (right.low, right.high)):
        try:
            found.append(calculate(a, b))
        except (OverflowError, ZeroDivisionError):
            found += [-math.inf, math.inf]
    if any(math.isnan(f) for f in found):
        return replace(_both(left, right), sure=False)
    return _checked(min(found), max(found), left, right)


def _power(base: Bounds, exponent: Bounds, written: Expression) -> Bounds:
    if base.low > 0 or (base.low == 0 and exponent.low >= 0):
        found = _corners(_raised, base, exponent)
        return found if base.low > 0 else replace(found, low=0.0)
    match written:
        case Literal_(value=int(value)) if value >= 0 and not isinstance(value, bool):
            found = _corners(_raised, base, exponent)
            if value % 2 == 0 and base.low < 0 < base.high:
                return replace(found, low=0.0)
            return found
        case _:
            return replace(_both(base, exponent), sure=False)


def _raised(base: float, exponent: float) -> float:
    try:
        return cast("float", float(base) ** exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf


def _called(call: Call, box: Box) -> Bounds:
    match call.function:
        case function if function in OF_MANY:
            return _of_many(call, box)
        case "given":
            # Where the condition does not hold it counts as inactive.
            return replace(bounds(call.arguments[1], box), certain=False)
        case "defined":
            return bounds(call.arguments[0], box)
        case "position" | "size":
            return replace(_of_many(call, box), low=0.0, high=math.inf)
        case function:
            return _of_one(function, bounds(call.arguments[0], box))


def _of_one(function: str, inner: Bounds) -> Bounds:
    if function == "abs":
        low, high = sorted((abs(inner.low), abs(inner.high)))
        return replace(inner, low=0.0 if inner.low <= 0 <= inner.high else low, high=high)
    if function in ("log2", "sqrt"):
        open_end = function == "log2"
        fits = inner.low > 0 if open_end else inner.low >= 0
        never = inner.high <= 0 if open_end else inner.high < 0
        if not fits:
            return replace(_both(inner), sure=False, never=inner.never or never)
    ends = (inner.low, inner.high)
    low, high = (OF_ONE[function](v) if math.isfinite(v) else v for v in ends)
    return replace(inner, low=low, high=high)


def _of_many(call: Call, box: Box) -> Bounds:
    parts: list[Bounds] = []
    for argument in call.arguments:
        if isinstance(argument, Places):
            parts += [box.get(n.id, Bounds(certain=False)) for n in members(argument)]
        else:
            parts.append(bounds(argument, box))
    certain = [p for p in parts if p.certain]
    if call.function == "sum":
        low = sum(p.low if p.certain else min(p.low, 0.0) for p in parts)
        high = sum(p.high if p.certain else max(p.high, 0.0) for p in parts)
    else:
        # Of what may be inactive, the least and the greatest may be missing.
        pick = min if call.function == "min" else max
        low = pick(p.low for p in certain) if certain and pick is max else min(p.low for p in parts)
        high = (
            pick(p.high for p in certain) if certain and pick is min else max(p.high for p in parts)
        )
    found = _checked(low, high, *certain)
    sure = found.sure and all(p.sure for p in parts)
    return replace(found, sure=sure, certain=bool(certain))
