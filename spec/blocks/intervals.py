"""Ranges of numbers, with their scale and step."""

from __future__ import annotations

from typing import cast

from ..expression.print import number_to_text
from ..expression.tree import Interval
from ..fix import NO_FIX, Fix, replaced
from ..readers import Invalid, Reading
from ..space import Domain, FloatRange, IntRange
from .parameter import Parameter, Type
from .range_text import RangeText


def interval_of(
    name: str, type_: Type, ranged: RangeText, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
    """The numbers of a range; reports bounds, a scale or a step that do not fit."""
    interval = cast("Interval", ranged.domain)
    low, high = interval.low, interval.high
    text = f"{number_to_text(low)}...{number_to_text(high)}"
    if type_ in ("choice", "ordinal"):
        return reading.report(
            "OFC215",
            f"`{name}` is of type `{type_}` and has the range `{text}`",
            ranged.span,
            "expected a set",
            "write the values out as in `{2, 3, 5}`, or `type: int`",
        )
    if low > high:
        turned = f"{number_to_text(high)}...{number_to_text(low)}"
        return reading.report(
            "OFC202",
            f"the range `{text}` of `{name}` goes down",
            ranged.span,
            "the larger bound stands first",
            f"write `{turned}`",
            fix=_turned(ranged),
        )
    if low == high:
        return reading.report(
            "OFC202",
            f"the range `{text}` of `{name}` holds one value",
            ranged.span,
            "nothing to search",
            f"write `{{{number_to_text(low)}}}` for a single value",
        )
    if type_ == "int":
        return _ints(name, interval, ranged, parameter, reading)
    domain = FloatRange(
        float(low),
        float(high),
        parameter.scale.value if parameter.scale else "linear",
        parameter.step.value if parameter.step else None,
    )
    return _scaled(name, domain, ranged, parameter, reading)


def _turned(ranged: RangeText) -> Fix:
    """The bounds in their order, each spelled as the writer has it."""
    low, dots, high = ranged.text.partition("...")
    return replaced(ranged.span, f"{high.strip()}...{low.strip()}") if dots else NO_FIX


def _ints(
    name: str, interval: Interval, ranged: RangeText, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
    low, high = interval.low, interval.high
    if not (float(low).is_integer() and float(high).is_integer()):
        return reading.report(
            "OFC215",
            f"`{name}` is of type `int` and its bounds are not whole",
            ranged.span,
            "expected whole numbers",
            "write whole bounds, or `type: float`",
        )
    step = parameter.step
    if step is not None and not step.value.is_integer():
        return reading.report(
            "OFC217",
            f"`{name}` is of type `int` and goes in steps of `{step.value:g}`",
            step.span,
            "expected a whole number",
            "write a whole step, or `type: float`",
        )
    domain = IntRange(
        int(low),
        int(high),
        parameter.scale.value if parameter.scale else "linear",
        int(step.value) if step else 1,
    )
    return _scaled(name, domain, ranged, parameter, reading)


def _scaled(
    name: str,
    domain: IntRange | FloatRange,
    ranged: RangeText,
    parameter: Parameter,
    reading: Reading,
) -> Domain | Invalid:
    scale, step = parameter.scale, parameter.step
    text = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
    if domain.scale == "log" and domain.low <= 0:
        return reading.report(
            "OFC203",
            f"`{name}` has a log scale and its range `{text}` reaches zero",
            ranged.span,
            "must lie above zero",
            f"begin above zero, as in `1e-6...{number_to_text(domain.high)}`, "
            "or write `scale: linear`",
        )
    if domain.scale == "logit" and not (domain.low > 0 and domain.high < 1):
        return reading.report(
            "OFC203",
            f"`{name}` has a logit scale and its range `{text}` leaves 0 to 1",
            ranged.span,
            "must lie between 0 and 1, without them",
            "write a range such as `0.01...0.99`, or `scale: linear`",
        )
    if step is None:
        return domain
    if step.value > domain.high - domain.low:
        return reading.report(
            "OFC217",
            f"`{name}` goes in steps of `{step.value:g}` and its range is narrower",
            step.span,
            "no second value",
            "write a smaller step, or remove it",
        )
    every = isinstance(domain, IntRange) and step.value == 1
    if scale is not None and scale.value != "linear" and not every:
        return reading.report(
            "OFC107",
            f"`{name}` has a step and a {scale.value} scale",
            step.span,
            "a step is linear",
            "remove `step` or `scale`",
        )
    return domain
