"""What a condition can come to over a whole box of values.

Every answer errs on one side only: what is left out is impossible, what is named may still be.
Numbers go through interval arithmetic (`spec.expression.bounds`), choices through their sets.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..expression.bounds import Bounds, bounds
from ..expression.evaluate import EvaluationProblem, evaluate, names
from ..expression.tree import (
    And,
    Call,
    Compare,
    Expression,
    Literal_,
    Name,
    Not,
    Or,
    SetOf,
    Value,
)
from ..frozen import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """Any number from `low` to `high`, both included."""

    low: float
    high: float


Possible = Numbers | frozenset[Value]
"""What a coordinate can be: an interval, or one of a few values."""

Answer = frozenset[Value]

BOTH: Answer = frozenset((True, False))
YES: Answer = frozenset((True,))
NO: Answer = frozenset((False,))


def truth(
    condition: Expression, box: Mapping[str, Possible], active: Mapping[str, Answer]
) -> Answer:
    """Whether a condition can hold, and whether it can not.

    Args:
        condition: resolved and put in place; one without a value does not hold.
        box: what each coordinate that it reads can be, by its id.
        active: whether each takes part; those that it needs do.
    """
    read = {n.id for n in names(condition)}
    if all(active[i] == YES and _single(box[i]) for i in read):
        return _exactly(condition, {i: _only(box[i]) for i in read})
    return _Looking(box, active).at(condition)


def _single(found: Possible) -> bool:
    return isinstance(found, frozenset) and len(found) == 1


def _only(found: Possible) -> Value:
    return next(iter(found)) if isinstance(found, frozenset) else found.low


def _exactly(condition: Expression, values: Mapping[str, Value]) -> Answer:
    try:
        return YES if evaluate(condition, values) is True else NO
    except EvaluationProblem:
        return NO


@dataclass(frozen=True, slots=True)
class _Looking:
    box: Mapping[str, Possible]
    active: Mapping[str, Answer]

    def at(self, node: Expression) -> Answer:
        match node:
            case Literal_(value=bool(value)):
                return YES if value else NO
            case Name():
                found = self.box[node.id]
                return found if isinstance(found, frozenset) and found <= BOTH else BOTH
            case And(operands=operands):
                return _all([self.at(o) for o in operands])
            case Or(operands=operands):
                found = _negated(_all([_negated(self.at(o)) for o in operands]))
                return found if self.bounds(node).sure else found | NO
            case Not(operand=operand):
                found = _negated(self.at(operand))
                # what has no value does not hold, and neither does its opposite
                return found if self.bounds(operand).sure else found | NO
            case Compare():
                return self.compare(node)
            case Call(function="defined", arguments=(inner,)):
                return YES if self.bounds(inner).sure else BOTH
            case _:
                return BOTH

    def compare(self, node: Compare) -> Answer:
        match node:
            case Compare(operator="in" | "not in" as word, left=left, right=SetOf(items=items)):
                found = self.member(left, items)
                return found if word == "in" else _negated(found)
            case Compare(operator="==" | "!=" as sign, left=left, right=right):
                same = self.same(left, right)
                return same if sign == "==" else _negated(same)
            case Compare(operator="<" | "<=" as sign, left=left, right=right):
                return _ordered(sign == "<", self.bounds(left), self.bounds(right))
            case Compare(operator=">" | ">=" as sign, left=left, right=right):
                return _ordered(sign == ">", self.bounds(right), self.bounds(left))
            case _:
                return BOTH

    def member(self, left: Expression, items: tuple[Value, ...]) -> Answer:
        found = self.plain(left)
        if isinstance(found, frozenset):
            return frozenset(any(_same(v, item) for item in items) for v in found)
        told = self.bounds(left)
        numbers = [i for i in items if not isinstance(i, bool | str)]
        near = any(told.low <= number <= told.high for number in numbers)
        return NO if told.sure and not near else BOTH

    def same(self, left: Expression, right: Expression) -> Answer:
        one, other = self.plain(left), self.plain(right)
        if isinstance(one, frozenset) and isinstance(other, frozenset):
            few = len(one) * len(other) <= 4096
            return frozenset(_same(a, b) for a in one for b in other) if few else BOTH
        if any(isinstance(v, bool | str) for p in (one, other) for v in _listed(p)):
            return BOTH
        first, second = self.bounds(left), self.bounds(right)
        if not (first.sure and second.sure):
            return BOTH
        apart = first.high < second.low or second.high < first.low
        return NO if apart else BOTH

    def plain(self, node: Expression) -> Possible | None:
        """What a name or a literal is; None for what is calculated."""
        match node:
            case Literal_(value=value):
                return frozenset((value,))
            case Name():
                return self.box[node.id]
            case _:
                return None

    def bounds(self, node: Expression) -> Bounds:
        return bounds(node, {n.id: self.bound(n.id) for n in names(node)})

    def bound(self, id_: str) -> Bounds:
        if self.active[id_] == NO:
            return Bounds(0.0, 0.0, certain=False)
        certain = self.active[id_] == YES
        found = self.box[id_]
        if isinstance(found, Numbers):
            return Bounds(found.low, found.high, certain=certain)
        numbers = [v for v in found if not isinstance(v, bool | str)]
        if not numbers or len(numbers) < len(found):
            return Bounds(sure=not numbers, certain=certain)
        return Bounds(min(numbers), max(numbers), certain=certain)


def _listed(found: Possible | None) -> Answer:
    return found if isinstance(found, frozenset) else frozenset()


def _ordered(strict: bool, less: Bounds, more: Bounds) -> Answer:
    """Of `less < more`, or `less <= more`; a bound may be off by the rounding of a sum."""
    if not (less.sure and more.sure):
        return BOTH
    slack = 1e-12 * max(abs(v) for v in (less.low, less.high, more.low, more.high))
    slack = slack if slack < 1e300 else 0.0
    if less.high + slack < more.low or (not strict and less.high + slack <= more.low):
        return YES
    if less.low - slack > more.high or (strict and less.low - slack >= more.high):
        return NO
    # whole numbers are exact
    whole = all(float(v).is_integer() and abs(v) < 2**53 for v in (less.low, more.high))
    if whole and (less.low > more.high or (strict and less.low == more.high)):
        return NO
    whole = all(float(v).is_integer() and abs(v) < 2**53 for v in (less.high, more.low))
    return (
        YES if whole and (less.high < more.low or (not strict and less.high == more.low)) else BOTH
    )


def _negated(found: Answer) -> Answer:
    return frozenset(not each for each in found)


def _all(parts: list[Answer]) -> Answer:
    if any(part == NO for part in parts):
        return NO
    return YES if all(part == YES for part in parts) else BOTH


def _same(one: Value, other: Value) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other
