"""What a search asks for in the words of the language: its space and its goals.

Each word is one that some target's own format has no place for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Objective, Requirement
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange

from .ir.program import Search
from .use import Use

SPACE: Final = "spec.searchSpace"

LANGUAGE: Final = frozenset(
    {
        "objectives.device",
        "objectives.reference",
        "objectives.require",
        "objectives.several",
        "objectives.weight",
        "space.array",
        "space.conditional",
        "space.constraint",
        "space.default",
        "space.derived",
        "space.graph",
        "space.logit",
        "space.ordinal",
        "space.permutation",
        "space.prior",
        "space.step",
        "space.subset",
    }
)
"""All words of this module: what a target supports whose trials our own strategies propose."""

_PLACE = re.compile(r"\[\d+\]")


def space_uses(search: Search) -> Iterator[Use]:
    """What the search space asks for beyond numbers and choices that are all independent."""
    composed = {c.name for c in search.space.composites}
    for composite in search.space.composites:
        what = f"the {composite.kind} `{composite.name}`"
        way_out = "write a choice of the lists that are worth a try, each under a name"
        yield Use(f"space.{composite.kind}", what, f"{SPACE}.{composite.name}", way_out)
    for coordinate in search.space:
        if coordinate.name not in composed:
            yield from _coordinate(coordinate)
    for name in dict.fromkeys(graph.name for graph in search.space.graphs):
        way_out = "remove `graph`, and search the operations without it"
        yield Use("space.graph", f"the graph of `{name}`", f"{SPACE}.{name}.graph", way_out)
    for derived in search.space.derived:
        what = f"the derived value `{derived.name}`"
        way_out = "compute it in the estimator, or set it under `algorithm.arguments`"
        yield Use("space.derived", what, f"{SPACE}.{derived.name}", way_out)
    yield from _constraints(search)


def _constraints(search: Search) -> Iterator[Use]:
    """Each once. One over an array has become one for each place, and their numbers are others."""
    texts = tuple(map(to_text, search.space.constraints))
    as_written = not any(map(_PLACE.search, texts))
    told: set[str] = set()
    for number, text in enumerate(texts):
        one = _PLACE.sub("", text)
        if one in told:
            continue
        told.add(one)
        path = f"spec.constraints.{number}" if as_written else "spec.constraints"
        way_out = "shape the ranges so that it holds by itself"
        yield Use("space.constraint", f"the constraint `{one}`", path, way_out, search.span)


def _coordinate(coordinate: Coordinate) -> Iterator[Use]:
    name, domain = coordinate.name, coordinate.domain
    path = f"{SPACE}.{name}"
    if coordinate.index or coordinate.shared:
        way_out = "give each place a parameter of its own"
        yield Use("space.array", f"the array `{name}`", path, way_out)
    elif coordinate.conditions:
        way_out = "search each branch in a study of its own, or let it always be set"
        yield Use("space.conditional", f"`{name}`, which only some trials have,", path, way_out)
    if coordinate.prior is not None:
        way_out = "remove it, and narrow the range"
        yield Use("space.prior", f"a prior for `{name}`", f"{path}.prior", way_out)
    if coordinate.default is not None:
        way_out = "remove `default`"
        yield Use("space.default", f"a first guess for `{name}`", f"{path}.default", way_out)
    match domain:
        case Choice(ordered=True):
            way_out = "write `type: choice`, where the order is of no use"
            yield Use("space.ordinal", f"the order in `{name}`", path, way_out)
        case IntRange(step=step) if step != 1:
            yield _step(name, path)
        case FloatRange(step=step) if step is not None:
            yield _step(name, path)
        case _:
            pass
    if not isinstance(domain, Choice) and domain.scale == "logit":
        way_out = "write `scale: linear` or `scale: log`"
        yield Use("space.logit", f"the logit scale of `{name}`", f"{path}.scale", way_out)


def _step(name: str, path: str) -> Use:
    way_out = "write the values as a choice: `{1, 3, 5}`"
    return Use("space.step", f"the step of `{name}`", f"{path}.step", way_out)


def goal_uses(search: Search) -> Iterator[Use]:
    """What the objectives ask for beyond the best of one figure of the training."""
    wanted = 0
    for number, goal in enumerate(search.goals):
        path = f"spec.objectives.{number}"
        text = to_text(goal)
        if isinstance(goal, Requirement):
            way_out = "remove it, and hold the chosen model against it yourself"
            yield Use("objectives.require", f"`{text}`", path, way_out, search.span)
        else:
            wanted += 1
            yield from _objective(goal, text, path, search, wanted)
        if goal.metric.device is not None:
            way_out = "search by a figure of the training"
            what = f"a figure measured on `{goal.metric.device}`"
            yield Use("objectives.device", what, path, way_out, search.span)


def _objective(goal: Objective, text: str, path: str, search: Search, wanted: int) -> Iterator[Use]:
    if wanted > 1:
        way_out = "keep the one objective that matters most"
        yield Use(
            "objectives.several", f"a second objective, `{text}`,", path, way_out, search.span
        )
    if goal.weight is not None:
        way_out = "remove the weight"
        yield Use("objectives.weight", "the weight of an objective", path, way_out, search.span)
    if goal.reference is not None:
        way_out = "remove the reference"
        what = "the reference of an objective"
        yield Use("objectives.reference", what, path, way_out, search.span)
