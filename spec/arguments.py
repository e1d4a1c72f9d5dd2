"""The arguments that a trial gets: arrays put together, lists made of digits, values computed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import cast

from .expression.evaluate import EvaluationProblem, evaluate, is_present
from .expression.functions import arrangement
from .expression.tree import Value
from .frozen import dataclass
from .space import Assignment, Composite, Coordinate, Derived, Space, holds

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """One place of an argument: what it is made of, and the arrays that it stands in."""

    made_of: Coordinate | Derived | Composite
    lengths: tuple[str, ...]
    shared: tuple[int, ...]


def to_arguments(space: Space, assignment: Assignment) -> dict[str, object]:
    """The arguments that a trial gets, by the parameters' names; can be written as JSON.

    An array is a list as long as the parameters say that count it, lists within lists where it is
    an array of arrays. A place that is inactive, since its own condition does not hold, is None
    there. A parameter of which nothing is active is left out, so that an estimator's own default
    counts. A permutation or a subset is a list of its values, and derived values come last.
    """
    by_name = _places(space)
    made: dict[str, object] = {}
    for places in by_name.values():
        argument, says_something = _argument(places, (), 0, assignment)
        if says_something:
            name = next(iter(places.values())).made_of.argument
            made[name] = _merged(made.get(name), argument)
    return made


def _merged(one: object, other: object) -> object:
    """The values of two parameters of one name, of which each place has one at most."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip_longest(cast("list[object]", one), cast("list[object]", other))
        return [_merged(a, b) for a, b in pairs]
    return one


def _places(space: Space) -> dict[str, dict[Index, _Place]]:
    lists = {(c.name, c.index): c for c in space.composites}
    names = {c.name for c in space.composites}
    found: dict[str, dict[Index, _Place]] = {}
    for c in space.coordinates:
        if c.name not in names:
            found.setdefault(c.name, {})[c.index] = _Place(c, c.lengths, c.shared)
        elif c.index[-1] == 0:
            outer = c.index[:-1]
            # The innermost array is the list itself.
            place = _Place(lists[(c.name, outer)], c.lengths[:-1], c.shared)
            found.setdefault(c.name, {})[outer] = place
    for d in space.derived:
        found.setdefault(d.name, {})[d.index] = _Place(d, d.lengths, d.shared)
    return found


def _argument(
    places: Mapping[Index, _Place], index: Index, level: int, values: Assignment
) -> tuple[object, bool]:
    """The part of an argument below a place, and whether it has any value."""
    deepest = len(next(iter(places)))
    first = places.get(index + (0,) * (deepest - len(index)))
    if first is None:
        return None, False
    if level == len(first.lengths):
        value = _value(first.made_of, values)
        return value, value is not None
    length = first.lengths[level]
    count = int(length) if length.isdigit() else values.get(length)
    if count is None:
        return None, False
    shared = level in first.shared
    parts = [
        _argument(places, index if shared else (*index, i), level + 1, values)
        for i in range(int(count))
    ]
    return [part for part, _ in parts], any(says for _, says in parts)


def _value(made_of: Coordinate | Derived | Composite, values: Assignment) -> object:
    match made_of:
        case Coordinate():
            return values.get(made_of.id)
        case Composite():
            return list_of(made_of, values)
        case Derived():
            return derived_value(made_of, values)


def list_of(composite: Composite, values: Assignment) -> list[Value] | None:
    """The list that its coordinates stand for; None where they are inactive."""
    count = len(composite.values) - (composite.kind == "permutation")
    outer = composite.name + "".join(f"[{i}]" for i in composite.index)
    digits = [values.get(f"{outer}[{k}]") for k in range(count)]
    if any(d is None for d in digits):
        return None
    numbers = tuple(int(d) for d in digits if d is not None)
    if composite.kind == "subset":
        return [v for v, digit in zip(composite.values, numbers, strict=True) if digit]
    return [composite.values[at] for at in arrangement(numbers)]


def derived_value(derived: Derived, values: Assignment) -> Value | None:
    """What it comes to; None where it is inactive, or where a point is infeasible without it."""
    if not all(holds(c, values) for c in derived.conditions):
        return None
    try:
        if not is_present(derived.expression, values):
            return None
        value = evaluate(derived.expression, values)
    except EvaluationProblem:
        return None
    if isinstance(value, bool | str):
        return value
    match derived.type:
        case "int":
            return int(value)
        case "float":
            return float(value)
        case _:
            return value
