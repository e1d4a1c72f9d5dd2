"""In which order the values of one axis are tried, and where a value moves to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from random import Random as Generator

from omniforce.spec.expression.tree import Value

from .encoding import Axis, Labels, places
from .priors import Spread

LISTED = 256
"""An axis with at most so many values is tried value by value, so that nothing is missed."""


def anywhere(axis: Axis, generator: Generator, spread: Spread | None = None) -> Iterator[Value]:
    """All values of a short axis in random order; of a long one draws, ever closer to its ends.

    Args:
        axis: of the values.
        generator: of the order.
        spread: what is expected; likely values then mostly come first.
    """
    if axis.count is not None and axis.count <= LISTED:
        listed = list(places(axis))
        generator.shuffle(listed)
        if spread is not None:
            listed = _likely_first(listed, spread, generator)
        yield from map(axis.decode, listed)
        return
    for _ in range(12):
        drawn = generator.random()
        yield axis.decode(drawn if spread is None else spread.place(drawn))
    for power in range(2, 32, 3):
        # Most constraints are monotone, so the ends are where a narrow feasible set begins.
        small = generator.random() * 2.0**-power
        yield axis.decode(small)
        yield axis.decode(1.0 - small)
    yield axis.decode(0.0)
    yield axis.decode(1.0)


def _likely_first(listed: list[float], spread: Spread, generator: Generator) -> list[float]:
    """The places in the order in which draws without replacement would find them.

    Efraimidis & Spirakis (2006), Weighted random sampling with a reservoir.
    """
    ordered = sorted(listed)
    ends = [(a + b) / 2 for a, b in pairwise(ordered)]
    shares = [spread.share(end) for end in (0.0, *ends, 1.0)]
    weights = {p: b - a for p, (a, b) in zip(ordered, pairwise(shares), strict=True)}
    keys = {p: math.log(1.0 - generator.random()) / max(weights[p], 1e-12) for p in listed}
    return sorted(listed, key=keys.__getitem__, reverse=True)


def outwards(
    axis: Axis, wanted: float, generator: Generator, spread: Spread | None = None
) -> Iterator[Value]:
    """The wanted value, then others: the near ones first where the axis has an order."""
    if axis.count is not None and axis.count <= LISTED:
        listed = list(places(axis))
        generator.shuffle(listed)
        nominal = isinstance(axis, Labels) and not axis.ordered
        first = axis.encode(axis.decode(wanted))
        listed.sort(key=lambda place: place != first if nominal else abs(place - first))
        yield from map(axis.decode, listed)
        return
    yield axis.decode(wanted)
    for power in range(12, 0, -1):
        step = 2.0**-power * (0.5 + 0.5 * generator.random())
        for place in (wanted - step, wanted + step):
            if 0.0 <= place <= 1.0:
                yield axis.decode(place)
    yield from anywhere(axis, generator, spread)


def moved_place(axis: Axis, unit: float, generator: Generator, reach: float) -> float:
    """Another place on the axis: any other label, or a number not far off."""
    if isinstance(axis, Labels) and not axis.ordered:
        others = len(axis.values) - 1
        return (unit + (1 + generator.randrange(others)) / len(axis.values)) % 1.0
    for _ in range(8):
        place = min(max(generator.gauss(unit, reach), 0.0), 1.0)
        if axis.count is None or axis.decode(place) != axis.decode(unit):
            return place
    # A coarse grid: the next number on either side.
    step = 1.0 / (axis.count or 1)
    return unit + step if unit + step <= 1.0 and generator.random() < 0.5 else max(unit - step, 0.0)
