"""What values a parameter has, from its type, range, scale and step; and if its default is one."""

from __future__ import annotations

from typing import Literal, cast

from ..expression.print import number_to_text, value_to_text
from ..expression.tree import Interval, SetOf, Value
from ..readers import INVALID, Invalid, Reading, nearest, or_list
from ..resolve_values import MOST_COMPARED
from ..source import Span
from ..space import Choice, Domain, FloatRange, IntRange, contains
from .parameter import At, Parameter
from .range_text import EXAMPLES, RangeText

Type = Literal["int", "float", "choice", "ordinal", "bool"]
TYPES: tuple[Type, ...] = ("int", "float", "choice", "ordinal", "bool")

_FOREIGN = {
    "integer": "int",
    "uniform": "float",
    "double": "float",
    "real": "float",
    "number": "float",
    "categorical": "choice",
    "enum": "choice",
    "boolean": "bool",
}


def domain_of(name: str, parameter: Parameter, place: Span, reading: Reading) -> Domain | Invalid:
    """The domain of the parameter `name`, whose key stands at `place`."""
    type_ = _type_of(name, parameter, place, reading)
    if isinstance(type_, Invalid):
        return type_
    ranged = parameter.range
    if type_ == "bool":
        return _truth(name, parameter, reading)
    if ranged is None:
        return reading.report(
            "OFC102",
            f"`range` is missing in `{name}`",
            place,
            "needs `range`",
            f"add `range:` with {EXAMPLES}",
        )
    if isinstance(ranged.domain, SetOf):
        return _choice(name, type_, ranged, parameter, reading)
    return _interval(name, type_, ranged, parameter, reading)


def default_of(
    name: str, domain: Domain, default: At[Value] | None, reading: Reading
) -> Value | Invalid | None:
    """The default as a value of the domain; reports one that is none."""
    if default is None:
        return None
    value = default.value
    if isinstance(domain, FloatRange) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(domain, IntRange) and isinstance(value, float) and value.is_integer():
        value = int(value)
    if contains(domain, value):
        return value
    if isinstance(domain, Choice):
        words = tuple(value_to_text(v) for v in domain.values)
        meant = nearest(value_to_text(value), words[:MOST_COMPARED])
        return reading.report(
            "OFC204",
            f"the default `{value_to_text(value)}` of `{name}` is none of its values",
            default.span,
            f"did you mean `{meant}`?" if meant else "not in the set",
            f"write `{meant}`" if meant else f"write {or_list(words[:12])}",
        )
    bounds = f"{number_to_text(domain.low)}...{number_to_text(domain.high)}"
    step = f" in steps of {number_to_text(domain.step)}" if domain.step not in (None, 1) else ""
    return reading.report(
        "OFC204",
        f"the default `{value_to_text(value)}` of `{name}` is outside of `{bounds}`{step}",
        default.span,
        "outside of its range",
        f"write a number of `{bounds}`{step}, or widen the range",
    )


def _type_of(name: str, parameter: Parameter, place: Span, reading: Reading) -> Type | Invalid:
    written = parameter.type
    if written is not None:
        for type_ in TYPES:
            if written.value == type_:
                return type_
        meant = _FOREIGN.get(written.value.lower()) or nearest(written.value, TYPES)
        return reading.report(
            "OFC210",
            f"`{written.value}` is no type of a parameter",
            written.span,
            f"did you mean `{meant}`?" if meant else "unknown type",
            f"write `{meant}`"
            if meant
            else f"write {or_list(TYPES)}, or a set such as `{{{written.value}}}`",
        )
    ranged = parameter.range
    if ranged is None:
        return reading.report(
            "OFC102",
            f"`{name}` has neither `type` nor `range`",
            place,
            "needs `range`",
            f"add `range:` with {EXAMPLES}",
        )
    if isinstance(ranged.domain, SetOf):
        return "choice"
    bounds = (ranged.domain.low, ranged.domain.high)
    return "int" if all(isinstance(b, int) for b in bounds) else "float"


def _truth(name: str, parameter: Parameter, reading: Reading) -> Domain | Invalid:
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


def _choice(
    name: str, type_: Type, ranged: RangeText, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
    values = cast("SetOf", ranged.domain).items
    if type_ in ("int", "float"):
        return reading.report(
            "OFC215",
            f"`{name}` is of type `{type_}` and has a set of values",
            ranged.span,
            "expected a range",
            "write `type: ordinal`, or a range such as `2...5`",
        )
    seen: dict[Value, Value] = {}
    for place, value in enumerate(values):
        if value in seen:
            first, again = value_to_text(seen[value]), value_to_text(value)
            return reading.report(
                "OFC211",
                f"`{name}` has `{again}` twice"
                if first == again
                else f"`{first}` and `{again}` of `{name}` cannot be told apart",
                ranged.items[place] if ranged.items else ranged.span,
                "is there already",
                "remove one of them" if first == again else "put one of them in quotes",
            )
        seen[value] = value
    return _unscaled(name, Choice(values, ordered=type_ == "ordinal"), type_, parameter, reading)


def _unscaled(
    name: str, domain: Choice, type_: Type, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
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


def _interval(
    name: str, type_: Type, ranged: RangeText, parameter: Parameter, reading: Reading
) -> Domain | Invalid:
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
