"""What is chosen from a set: one of its values, an order of them all, or some of them."""

from __future__ import annotations

from typing import Literal, TypeVar, cast

from ..expression.print import number_to_text, value_to_text
from ..expression.tree import SetOf, Value
from ..fix import NO_FIX, Fix, replaced
from ..readers import INVALID, Invalid, Reading
from ..resolving.meaning import Listing
from ..source import Span
from ..space import Choice, Domain
from .parameter import Parameter, Type
from .range_text import RangeText

C = TypeVar("C", Choice, Listing)

MAX_LISTED = 128
"""The most values that can be put in order, or chosen from."""


def truth_of(name: str, parameter: Parameter, reading: Reading) -> Domain | Invalid:
    """`true` or `false`."""
    ranged = parameter.range
    if ranged is not None:
        return reading.report(
            "OFC215",
            f"`{name}` is a bool and has a range",
            ranged.span,
            "a bool is `true` or `false`",
            "remove the range",
        )
    return _unscaled(name, Choice((False, True)), "bool", parameter, reading)


def choice_of(
    name: str, type_: Type, ranged: RangeText, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
    """One of a set."""
    values = cast("SetOf", ranged.domain).items
    if type_ in ("int", "float"):
        return reading.report(
            "OFC215",
            f"`{name}` is of type `{type_}` and has a set of values",
            ranged.span,
            "expected a range",
            _of_numbers(type_, values),
        )
    if not _distinct(name, values, ranged, reading):
        return INVALID
    return _unscaled(name, Choice(values, ordered=type_ == "ordinal"), type_, parameter, reading)


def _of_numbers(type_: Literal["int", "float"], values: tuple[Value, ...]) -> str:
    """What to write for a set of numbers: two are mostly meant as bounds."""
    numbers = [v for v in values if type(v) is int or (type(v) is float and type_ == "float")]
    if len(numbers) < len(values) or len(set(numbers)) < 2:
        return "write `type: ordinal`, or a range such as `2...5`"
    low, high = number_to_text(min(numbers)), number_to_text(max(numbers))
    if len(numbers) == 2:
        return f"write `{low}...{high}`, or `type: ordinal` for these two values"
    return f"write `type: ordinal`, or `{low}...{high}` for all between them"


def _unscaled(
    name: str, domain: C, type_: Type, parameter: Parameter, reading: Reading
) -> C | Invalid:
    good = True
    for key, written in (("scale", parameter.scale), ("step", parameter.step)):
        if written is not None:
            reading.report(
                "OFC107",
                f"`{name}` is of type `{type_}` and has a `{key}`",
                written.span,
                "only numbers have one",
                f"remove `{key}`",
            )
            good = False
    return domain if good else INVALID


def listing_of(
    name: str,
    kind: Literal["permutation", "subset"],
    ranged: RangeText,
    parameter: Parameter,
    reading: Reading,
) -> Listing | Invalid:
    """An order of a set, or a part of it."""
    if not isinstance(ranged.domain, SetOf):
        return reading.report(
            "OFC215",
            f"`{name}` is a {kind} and has a range",
            ranged.span,
            "expected a set",
            "write the values out as in `{a, b, c}`",
        )
    values = ranged.domain.items
    if kind == "permutation" and len(values) == 1:
        return reading.report(
            "OFC202",
            f"the permutation `{name}` has one value",
            ranged.span,
            "nothing to put in order",
            f"write `{{{value_to_text(values[0])}}}` for a single value",
        )
    if len(values) > MAX_LISTED:
        return reading.report(
            "OFC212",
            f"the {kind} `{name}` has {len(values)} values, at most {MAX_LISTED} are searched",
            ranged.span,
            "too many",
            "leave out what is never wanted",
        )
    if not _distinct(name, values, ranged, reading):
        return INVALID
    return _unscaled(name, Listing(kind, values), kind, parameter, reading)


def _without(ranged: RangeText, place: int) -> Fix:
    """The set without an item, where it stands on the line of the one before it."""
    if not ranged.items or ranged.items[place - 1].end_line != ranged.items[place].line:
        return NO_FIX
    before, item = ranged.items[place - 1], ranged.items[place]
    gone = Span(item.file, before.end_line, before.end_column, item.end_line, item.end_column)
    return replaced(gone, "")


def _distinct(name: str, values: tuple[Value, ...], ranged: RangeText, reading: Reading) -> bool:
    seen: dict[Value, Value] = {}
    for place, value in enumerate(values):
        if value in seen:
            first, again = value_to_text(seen[value]), value_to_text(value)
            reading.report(
                "OFC211",
                f"`{name}` has `{again}` twice"
                if first == again
                else f"`{first}` and `{again}` of `{name}` cannot be told apart",
                ranged.items[place] if ranged.items else ranged.span,
                "is there already",
                "remove one of them" if first == again else "put one of them in quotes",
                fix=_without(ranged, place) if first == again else NO_FIX,
            )
            return False
        seen[value] = value
    return True
