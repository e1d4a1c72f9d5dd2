"""`prior`: where good values are expected, and whether that fits what the parameter may be."""

from __future__ import annotations

from typing import cast

from ..expression.form import Bell, Shares
from ..expression.print import number_to_text, to_text, value_to_text
from ..expression.reading import read_expression
from ..expression.tree import Value
from ..nodes import MappingNode, Node, Scalar
from ..readers import INVALID, Invalid, Reading, Schema, called, describe, nearest, or_list
from ..resolving.meaning import Listing
from ..resolving.values import MOST_COMPARED
from ..source import Path
from ..space import Choice, Domain, FloatRange, IntRange, LogNormal, Normal, Prior, Weights
from .placed import At

BELLS = {"normal": "normal(0.1, 0.02)", "lognormal": "lognormal(1e-3, 3)"}
EXAMPLES = "`normal(0.1, 0.02)`, `lognormal(1e-3, 3)` or `{adam: 0.7, sgd: 0.3}`"


class PriorReader:
    """A bell as text, or shares as a mapping of values to numbers."""

    def read(self, node: Node, path: Path, reading: Reading) -> Bell | Shares | Invalid:
        """The prior as written; whether it fits is looked at with the range."""
        if isinstance(node, MappingNode) and node.entries:
            return _shares(node, path, reading)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            tree = read_expression("prior", "a prior", EXAMPLES, node, path, reading)
            return tree if isinstance(tree, Invalid) else cast("Bell | Shares", tree)
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a prior",
            node.span,
            "expected a prior",
            f"write {EXAMPLES}",
        )

    def schema(self) -> Schema:
        """A text, or a mapping to numbers."""
        return {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*((log)?normal\s*\(|\{)"},
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"type": "number", "minimum": 0},
                },
            ]
        }


def _shares(node: MappingNode, path: Path, reading: Reading) -> Shares | Invalid:
    items: list[tuple[Value, int | float]] = []
    for entry in node.entries:
        weight = entry.value.value if isinstance(entry.value, Scalar) else None
        if entry.key.value is None or not isinstance(weight, int | float) or weight is True:
            return reading.report(
                "OFC103",
                f"the weight of `{entry.key.text[:40]}` in {called(path)} is "
                f"{describe(entry.value)}, expected a number",
                entry.value.span,
                "expected a number",
                "write it as in `{adam: 0.7, sgd: 0.3}`",
            )
        items.append((entry.key.value, weight))
    return Shares(tuple(items))


def prior_of(
    name: str, meaning: Domain | Listing, prior: At[Bell | Shares] | None, reading: Reading
) -> Prior | Invalid | None:
    """The prior of a parameter; reports one that does not fit its values."""
    if prior is None:
        return None
    match meaning, prior.value:
        case Listing(kind=kind), _:
            return reading.report(
                "OFC218",
                f"`{name}` is a {kind} and has a prior",
                prior.span,
                "only numbers and choices have one",
                "remove `prior`",
            )
        case Choice(values=values), Shares() as shares:
            return _weights(name, values, At(shares, prior.span), reading)
        case Choice(values=values), Bell() as bell:
            first = value_to_text(values[0])
            return reading.report(
                "OFC218",
                f"the prior `{to_text(bell)}` of `{name}` is a bell, and its values are no range",
                prior.span,
                "expected weights",
                f"weigh the values, as in `{{{first}: 2}}`",
            )
        case (IntRange() | FloatRange()) as range_, Bell() as bell:
            return _bell(name, range_, At(bell, prior.span), reading)
        case (IntRange() | FloatRange()) as range_, Shares():
            middle = f"{(range_.low + range_.high) / 2:.3g}"
            deviation = f"{(range_.high - range_.low) / 6:.3g}"
            return reading.report(
                "OFC218",
                f"the prior of `{name}` weighs values, and `{name}` is a range of numbers",
                prior.span,
                "expected a bell",
                f"write it as in `normal({middle}, {deviation})`",
            )
    return None


def _bell(
    name: str, range_: IntRange | FloatRange, prior: At[Bell], reading: Reading
) -> Prior | Invalid:
    bell = prior.value
    if bell.name not in BELLS:
        meant = nearest(bell.name, tuple(BELLS))
        return reading.report(
            "OFC218",
            f"`{bell.name[:40]}` is no prior",
            prior.span,
            f"did you mean `{meant}`?" if meant else "unknown prior",
            f"write it as in `{BELLS[meant]}`" if meant else f"write {EXAMPLES}",
        )
    if len(bell.numbers) != 2:
        return reading.report(
            "OFC218",
            f"`{bell.name}` takes two numbers and has {len(bell.numbers)}",
            prior.span,
            "a middle and a width",
            f"write it as in `{BELLS[bell.name]}`",
        )
    middle, width = (float(n) for n in bell.numbers)
    bounds = f"{number_to_text(range_.low)}...{number_to_text(range_.high)}"
    shown = number_to_text(bell.numbers[0])
    if bell.name == "lognormal" and (middle <= 0 or range_.low < 0):
        return reading.report(
            "OFC218",
            "a lognormal prior lies above zero, and "
            + (f"its median is `{shown}`" if middle <= 0 else f"`{name}` goes over `{bounds}`"),
            prior.span,
            "must lie above zero",
            "write `normal(...)`, or values above zero",
        )
    if not range_.low <= middle <= range_.high:
        word = "mean" if bell.name == "normal" else "median"
        return reading.report(
            "OFC218",
            f"the {word} `{shown}` of the prior of `{name}` is outside of `{bounds}`",
            prior.span,
            "outside of its range",
            f"write a {word} of `{bounds}`, or widen the range",
        )
    least = 0.0 if bell.name == "normal" else 1.0
    if width <= least:
        word = "deviation" if bell.name == "normal" else "factor"
        return reading.report(
            "OFC218",
            f"the {word} of the prior of `{name}` is `{number_to_text(bell.numbers[1])}`",
            prior.span,
            f"must be above {least:g}",
            f"write it as in `{BELLS[bell.name]}`",
        )
    return Normal(middle, width) if bell.name == "normal" else LogNormal(middle, width)


def _weights(
    name: str, values: tuple[Value, ...], prior: At[Shares], reading: Reading
) -> Prior | Invalid:
    given: dict[tuple[type, Value], float] = {}
    known = {(type(v), v) for v in values}
    for value, weight in prior.value.items:
        shown = value_to_text(value)
        key = (type(value), value)
        if key not in known:
            words = tuple(value_to_text(v) for v in values)
            meant = nearest(shown, words[:MOST_COMPARED])
            return reading.report(
                "OFC219",
                f"the prior of `{name}` weighs `{shown}`, which is none of its values",
                prior.span,
                f"did you mean `{meant}`?" if meant else "not in the set",
                f"write `{meant}`" if meant else f"write {or_list(words[:12])}",
            )
        if key in given or weight < 0:
            return reading.report(
                "OFC219",
                f"the prior of `{name}` weighs `{shown}` "
                + ("twice" if key in given else f"by `{number_to_text(weight)}`"),
                prior.span,
                "is there already" if key in given else "must not be below zero",
                "keep one of them" if key in given else "write a weight from 0 up",
            )
        given[key] = float(weight)
    total = sum(given.values())
    if not 0 < total < float("inf"):
        reading.report(
            "OFC219",
            f"the weights of the prior of `{name}` come to nothing",
            prior.span,
            "no value is expected",
            "give one of them a weight above zero",
        )
        return INVALID
    return Weights(tuple(given.get((type(v), v), 0.0) / total for v in values))
