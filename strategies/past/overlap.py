"""What two spaces have in common: coordinates of one name whose values can be compared."""

from __future__ import annotations

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Domain, Space

from ..points.encoding import Axis, axis


def overlap(space: Space, past: Space) -> float:
    """The share of all coordinates of both spaces that they have in common, from 0 to 1."""
    common = len(shared(space, past))
    return common / max(len(space) + len(past) - common, 1)


def shared(space: Space, past: Space) -> tuple[int, ...]:
    """The places in `space` of the coordinates that `past` searched too."""
    before = {coordinate.id: coordinate.domain for coordinate in past}
    return tuple(
        at
        for at, coordinate in enumerate(space)
        if coordinate.id in before and _meet(coordinate.domain, before[coordinate.id])
    )


def place(domain: Domain, value: Value) -> float | None:
    """Where a value of another study stands on the axis of a domain; None where it lies outside.

    A number is moved to the nearest one of a grid. One outside of the range is not moved to its
    end: what it led to says nothing of the end.
    """
    return _place(domain, axis(domain), value)


def _place(domain: Domain, axis_: Axis, value: Value) -> float | None:
    if isinstance(domain, Choice):
        same = (each for each in domain.values if _equal(each, value))
        found = next(same, None)
        return None if found is None else axis_.encode(found)
    if isinstance(value, bool | str) or not domain.low <= value <= domain.high:
        return None
    return axis_.encode(value)


def _meet(domain: Domain, before: Domain) -> bool:
    if isinstance(before, Choice):
        return any(place(domain, value) is not None for value in before.values)
    if isinstance(domain, Choice):
        return any(place(before, value) is not None for value in domain.values)
    return domain.low <= before.high and before.low <= domain.high


def _equal(one: Value, other: Value) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)
