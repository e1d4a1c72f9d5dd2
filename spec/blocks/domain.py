"""What values a parameter has, from its type, range, scale and step; and if its default is one."""

from __future__ import annotations

from typing import Any

from ..expression.print import number_to_text, value_to_text
from ..expression.tree import SetOf, Value
from ..fix import NO_FIX, Fix, instead, replaced
from ..readers import Invalid, Reading, nearest, or_list
from ..resolving.meaning import Listing
from ..resolving.values import MOST_COMPARED
from ..source import Span
from ..space import Choice, Domain, FloatRange, IntRange, contains
from .choices import choice_of, listing_of, truth_of
from .intervals import interval_of
from .parameter import TYPES, Parameter, Type
from .placed import At
from .range_text import EXAMPLES

_FOREIGN = {
    "integer": "int",
    "uniform": "float",
    "double": "float",
    "real": "float",
    "number": "float",
    "categorical": "choice",
    "enum": "choice",
    "boolean": "bool",
    "order": "permutation",
    "ordering": "permutation",
    "multichoice": "subset",
    "multiselect": "subset",
}


def domain_of(
    name: str, parameter: Parameter, place: Span, reading: Reading
) -> Domain | Listing | Invalid:
    """The domain of the parameter `name`, whose key stands at `place`, or the list that it is."""
    type_ = _type_of(name, parameter, place, reading)
    if isinstance(type_, Invalid):
        return type_
    ranged = parameter.range
    if type_ == "bool":
        return truth_of(name, parameter, reading)
    if ranged is None:
        return reading.report(
            "OFC102",
            f"`range` is missing in `{name}`",
            place,
            "needs `range`",
            f"add `range:` with {EXAMPLES}",
        )
    if type_ in ("permutation", "subset"):
        return listing_of(name, type_, ranged, parameter, reading)
    if isinstance(ranged.domain, SetOf):
        return choice_of(name, type_, ranged, parameter, reading)
    return interval_of(name, type_, ranged, parameter, reading)


def default_of(
    name: str, domain: Domain, default: At[Value | tuple[Value, ...]] | None, reading: Reading
) -> Value | Invalid | None:
    """The default as a value of the domain; reports one that is none."""
    if default is None:
        return None
    if isinstance(default.value, tuple):
        return reading.report(
            "OFC204",
            f"the default of `{name}` is a list",
            default.span,
            "expected one value",
            "write one value, or make it a `permutation` or a `subset`",
        )
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
            fix=_spelled(default, value_to_text(value), meant, words),
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


def _spelled(at: At[Any], written: str, meant: str | None, known: tuple[str, ...]) -> Fix:
    """The word that was meant, where the scalar is nothing but the one that was written."""
    node = at.text
    return instead(node, meant, known) if node is not None and node.text == written else NO_FIX


def _retyped(written: At[str], meant: str | None) -> Fix:
    """The type that was meant; other tools' words for one are sure."""
    if meant is not None and meant == _FOREIGN.get(written.value.lower()):
        return replaced(written.span, meant) if _is_whole(written) else NO_FIX
    return _spelled(written, written.value, meant, TYPES)


def _is_whole(written: At[str]) -> bool:
    node = written.text
    return node is not None and node.exact and node.text == written.value


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
            fix=_retyped(written, meant),
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
