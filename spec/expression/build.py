"""Nodes of the tree from what the parser has matched, a method for each rule of grammar.lark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from ..frozen import dataclass
from .amounts import number_of, quantity_of, shortened
from .syntax_problem import SyntaxProblem
from .tree import (
    And,
    BestModel,
    Binary,
    Compare,
    Expression,
    Interval,
    KneeModel,
    Literal_,
    Metric,
    Name,
    Negate,
    Not,
    Objective,
    Offsets,
    Or,
    ParameterForm,
    ParetoModel,
    Promotion,
    Quantity,
    Requirement,
    SetOf,
    Value,
    WeightedModel,
)
from .units import UNITS, to_base

Children = list[Any]


def _unquoted(token: Any) -> str:
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


def _word(token: Any) -> Value:
    return {"true": True, "false": False}.get(str(token), str(token))


def _offsets(token: Any) -> Offsets:
    return Offsets(token.start_pos, token.end_pos)


def _between(first: Any, last: Any) -> Offsets:
    return Offsets(_start(first), _end(last))


def _start(item: Any) -> int:
    return int(item.start_pos if hasattr(item, "start_pos") else item.at.start)


def _end(item: Any) -> int:
    return int(item.end_pos if hasattr(item, "end_pos") else item.at.end)


@dataclass(frozen=True, slots=True)
class Modifier:
    """What follows the range of a parameter in its short form."""

    name: str
    value: object
    at: Offsets


class Builder:
    """One method a rule or alias of grammar.lark, given the children in order."""

    def disjunction(self, children: Children) -> Or:
        """`a or b or c`."""
        return Or(tuple(children), at=_between(children[0], children[-1]))

    def conjunction(self, children: Children) -> And:
        """`a and b and c`."""
        return And(tuple(children), at=_between(children[0], children[-1]))

    def negation(self, children: Children) -> Not:
        """`not a`."""
        return Not(children[1], at=_between(children[0], children[1]))

    def compare(self, children: Children) -> Compare:
        """`a <= b`."""
        left, operator, right = children
        return Compare(cast("Any", str(operator)), left, right, at=_between(left, right))

    def member(self, children: Children) -> Compare:
        """`a in {b, c}`."""
        left, _, right = children
        return Compare("in", left, right, at=_between(left, right))

    def not_member(self, children: Children) -> Compare:
        """`a not in {b, c}`."""
        left, _, _, right = children
        return Compare("not in", left, right, at=_between(left, right))

    def binary(self, children: Children) -> Binary:
        """`a + b`."""
        left, operator, right = children
        return Binary(cast("Any", str(operator)), left, right, at=_between(left, right))

    def minus(self, children: Children) -> Expression:
        """`-a`; a number written right behind the sign is a negative number."""
        sign, operand = children
        at = _between(sign, operand)
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
        return Literal_(value, at=_offsets(token))

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
        return Literal_(_unquoted(children[0]), at=_offsets(children[0]))

    def truth(self, children: Children) -> Literal_:
        """`true`."""
        return Literal_(True, at=_offsets(children[0]))

    def falsehood(self, children: Children) -> Literal_:
        """`false`."""
        return Literal_(False, at=_offsets(children[0]))

    def name(self, children: Children) -> Name:
        """`channels[0][2]`."""
        name, *brackets = children
        places = [t for t in brackets if t.type == "INT"]
        for place in places:
            if len(place) > 6:
                raise SyntaxProblem(
                    "no array is as long", place.start_pos, place.end_pos, "write a smaller place"
                )
        index = tuple(int(p) for p in places)
        return Name(str(name), index, at=_between(name, children[-1]))

    def parenthesised(self, children: Children) -> Expression:
        """`(a)`: what stands inside, with the brackets counted to its place."""
        left, inner, right = children
        if isinstance(inner, Literal_ | Quantity):
            return inner
        return cast("Expression", replace(inner, at=_between(left, right)))

    def set(self, children: Children) -> SetOf:
        """`{a, b}`."""
        left, *items, right = children
        return SetOf(tuple(items), at=_between(left, right))

    def number_value(self, children: Children) -> int | float:
        """A number in a set or a range."""
        return number_of(str(children[0]), children[0].start_pos, children[0].end_pos)

    def negative_value(self, children: Children) -> int | float:
        """A negative number in a set or a range."""
        return -self.number_value(children[1:])

    def string_value(self, children: Children) -> str:
        """A quoted word in a set."""
        return _unquoted(children[0])

    def word_value(self, children: Children) -> Value:
        """A word in a set."""
        return _word(children[0])

    def interval(self, children: Children) -> Interval:
        """`2...5`."""
        low, high = children
        return Interval(low.value, high.value, at=_between(low, high))

    def bracketed(self, children: Children) -> Interval:
        """`[2...5]`."""
        return cast("Interval", children[1])

    def scale(self, children: Children) -> Modifier:
        """`log`."""
        return Modifier("scale", str(children[0]), _offsets(children[0]))

    def step(self, children: Children) -> Modifier:
        """`step 2`."""
        word, bound = children
        return Modifier("step", bound.value, _between(word, bound))

    def default(self, children: Children) -> Modifier:
        """`default 1e-3`."""
        return Modifier("default", children[1], _offsets(children[0]))

    def count(self, children: Children) -> Modifier:
        """`count depth`."""
        word, length = children
        value = int(length) if length.type == "INT" and len(length) < 7 else str(length)
        return Modifier("count", value, _between(word, length))

    def when(self, children: Children) -> Modifier:
        """`when optimizer == sgd`."""
        word, condition = children
        return Modifier("when", condition, _between(word, condition))

    def parameter_without_range(self, children: Children) -> ParameterForm:
        """`bool default true`."""
        return _form(str(children[0]), None, children[1:])

    def parameter_with_type(self, children: Children) -> ParameterForm:
        """`int 2...5`."""
        return _form(str(children[0]), children[1], children[2:])

    def parameter_without_type(self, children: Children) -> ParameterForm:
        """`2...5 default 3`."""
        return _form(None, children[0], children[1:])

    def objective(self, children: Children) -> Objective:
        """`maximize accuracy, weight 2, reference 0.5`."""
        direction, metric, *wishes = children
        given = _once(wishes)
        return Objective(
            cast("Any", str(direction)), metric, **given, at=_between(direction, children[-1])
        )

    def weight(self, children: Children) -> Modifier:
        """`weight 2`."""
        word, number = children
        value = float(number_of(str(number), number.start_pos, number.end_pos))
        return Modifier("weight", value, _between(word, number))

    def reference(self, children: Children) -> Modifier:
        """`reference 20ms`."""
        word, amount = children
        return Modifier("reference", amount, _between(word, amount))

    def required(self, children: Children) -> Requirement:
        """`require size <= 2MiB on jetson`."""
        word, requirement = children
        return cast("Requirement", replace(requirement, at=_between(word, requirement)))

    def metric(self, children: Children) -> Metric:
        """`latency.p95 on jetson`."""
        at = _between(children[0], children[-1])
        device = str(children.pop()) if children[-1].type == "DEVICE" else None
        name, *statistic = children
        return Metric(str(name), str(statistic[0]) if statistic else None, device, at=at)

    def requirement(self, children: Children) -> Requirement:
        """`size <= 2MiB on jetson`."""
        metric, operator, bound, *device = children
        if device and metric.device is not None:
            raise SyntaxProblem(
                "two devices are named",
                device[0].start_pos,
                device[0].end_pos,
                "name the device once, at the end",
            )
        if device:
            metric = replace(metric, device=str(device[0]))
        return Requirement(
            metric, cast("Any", str(operator)), bound, at=_between(metric, children[-1])
        )

    def best(self, children: Children) -> BestModel:
        """`best`."""
        return BestModel(at=_offsets(children[0]))

    def knee(self, children: Children) -> KneeModel:
        """`knee`."""
        return KneeModel(at=_offsets(children[0]))

    def weighted(self, children: Children) -> WeightedModel:
        """`weighted`."""
        return WeightedModel(at=_offsets(children[0]))

    def pareto(self, children: Children) -> ParetoModel:
        """`pareto(latency.p95 <= 5ms)`."""
        word, _, *requirements, right = children
        return ParetoModel(tuple(requirements), at=_between(word, right))

    def promotion(self, children: Children) -> Promotion:
        """`error_rate < 1% for 10m`."""
        requirement, amount = children
        if isinstance(amount, Quantity) and UNITS[amount.unit].dimension == "time":
            seconds = to_base(amount.value, amount.unit)
        elif isinstance(amount, Literal_):
            seconds = float(cast("int | float", amount.value))
        else:
            raise SyntaxProblem(
                f"`{amount.unit}` is no unit of time",
                amount.at.start,
                amount.at.end,
                "write a duration such as `10m`",
                code="OFC205",
            )
        return Promotion(requirement, seconds, at=_between(requirement, amount))


def _form(type_: str | None, domain: object, modifiers: Sequence[Modifier]) -> ParameterForm:
    return ParameterForm(type=type_, domain=cast("Any", domain), **_once(modifiers))


def _once(modifiers: Sequence[Modifier]) -> dict[str, Any]:
    """The modifiers by name; none may stand twice."""
    given: dict[str, Any] = {}
    for modifier in modifiers:
        if modifier.name in given:
            raise SyntaxProblem(
                f"`{modifier.name}` is written twice",
                modifier.at.start,
                modifier.at.end,
                f"keep one `{modifier.name}`",
            )
        given[modifier.name] = modifier.value
    return given
