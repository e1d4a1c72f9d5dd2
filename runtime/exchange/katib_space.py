"""Katib's parameters: `int`, `double`, `discrete`, `categorical`, and how they are drawn."""

from __future__ import annotations

import math

from omniforce.spec.expression.print import number_to_text
from omniforce.spec.nodes import Scalar

from .findings import Findings
from .foreign_block import ForeignBlock, number_of
from .foreign_study import Bounds, Searched
from .naming import Naming


def read_parameter(block: ForeignBlock, naming: Naming, findings: Findings) -> Searched | None:
    """One parameter; None where it is none."""
    origin, kind = block.text("name"), block.text("parameterType")
    space = block.block("feasibleSpace")
    block.finish()
    if not origin or space is None:
        findings.wrong(
            "a parameter lacks its `name` or its `feasibleSpace`",
            block.span,
            "incomplete",
            "write both",
        )
        return None
    name = naming.parameter(origin, block.place("name"))
    if kind in ("categorical", "discrete"):
        nodes = space.items("list")
        values = tuple(_value(node, kind) for node in nodes if isinstance(node, Scalar))
        space.finish()
        if not values or len(set(map(str, values))) != len(values):
            findings.wrong(
                f"`{origin}` has no list of different values",
                space.span,
                "expected different values",
                "list each value once",
            )
            return None
        return Searched(name=name, origin=origin, range=values, ordered=kind == "discrete")
    if kind not in ("int", "double"):
        findings.wrong(
            f"`{origin}` is a `{kind}`",
            block.place("parameterType") or block.span,
            "no type of Katib's",
            "write `int`, `double`, `categorical` or `discrete`",
        )
        return None
    return _range(name, origin, kind, space, findings)


def _value(node: Scalar, kind: str) -> str | int | float:
    found = number_of(node) if kind == "discrete" else None
    return node.text if found is None else found


def _range(
    name: str, origin: str, kind: str, space: ForeignBlock, findings: Findings
) -> Searched | None:
    low, high, step = space.number("min"), space.number("max"), space.number("step")
    distribution = space.text("distribution") or "uniform"
    place = space.place("distribution")
    space.finish()
    if low is None or high is None or low > high:
        findings.wrong(
            f"`{origin}` has no range from `min` to `max`",
            space.span,
            "expected a range",
            'write them as texts, as in `min: "0.01"`',
        )
        return None
    if kind == "int":
        low, high = math.ceil(low), math.floor(high)
    else:
        low, high = float(low), float(high)
    if low == high:
        return Searched(name=name, origin=origin, range=(low,))
    log = distribution in ("logUniform", "logNormal")
    if log and low <= 0:
        findings.wrong(
            f"`{origin}` is on a logarithmic scale and begins at {low}",
            space.span,
            "not above zero",
            "let `min` be above zero",
        )
        return None
    prior = None
    if distribution == "normal":
        prior = f"normal({_text((low + high) / 2)}, {_text((high - low) / 6)})"
    elif distribution == "logNormal":
        middle = math.exp((math.log(low) + math.log(high)) / 2)
        prior = f"lognormal({_text(middle)}, {_text(math.exp(math.log(high / low) / 6))})"
    if prior is not None:
        findings.otherwise(
            f"`{origin}` is `{distribution}`, which Katib draws beyond its bounds as well",
            place,
            "within the bounds in the spec",
        )
    if step is not None and (step <= 0 or log):
        findings.unsaid(f"the step of `{origin}` is not taken over", space.place("step"))
        step = None
    if step is not None:
        step = max(1, round(step)) if kind == "int" else float(step)
    return Searched(
        name=name,
        origin=origin,
        range=Bounds(low, high),
        log=log,
        step=None if step == 1 and kind == "int" else step,
        prior=prior,
    )


def _text(value: float) -> str:
    return number_to_text(float(f"{value:.6g}"))
