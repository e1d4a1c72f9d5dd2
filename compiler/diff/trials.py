"""What becomes of one finished trial where the spec changes.

A trial is kept where its estimator would be given the same once more, and the point is one of the
space still. It is imputed where the space asks for more than it did, and what the trial had is
known: it was fixed, or computed, or there is a default. Else its figures answer another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from omniforce.spec.arguments import to_arguments
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import (
    Assignment,
    Coordinate,
    IntRange,
    contains,
    is_active,
    violated,
)

from ..ir.program import Program
from .change import Fate
from .compare import compare
from .setup import Setup, setup_of

PER_TRIAL = ("spec.searchSpace", "spec.constraints", "spec.algorithm.arguments")
"""Blocks whose changes mean something else for each trial; others mean the same for all."""


def fate_of(
    before: Program, after: Program, assignment: Assignment
) -> tuple[Fate, dict[str, Value] | None]:
    """What becomes of a trial, and its point in the space of `after`.

    Args:
        before: the program that the trial was made under.
        after: the one that it would count for.
        assignment: its point, by the ids of the coordinates of `before`.

    Returns:
        The fate; with it the point, or None where the trial is invalidated.
    """
    for change in compare(before, after):
        if change.fate == "invalidated" and not change.path.startswith(PER_TRIAL):
            return "invalidated", None
    return fate_in_space(before, after, assignment)


def fate_in_space(
    before: Program, after: Program, assignment: Assignment
) -> tuple[Fate, dict[str, Value] | None]:
    """As `fate_of`, where `compare` has been asked already whether all trials are invalidated."""
    old, new = setup_of(before), setup_of(after)
    given = {**old.arguments, **to_arguments(old.space, assignment)}
    point = _point(new, assignment, given)
    if point is None or violated(new.space, point):
        return "invalidated", None
    gives = {**new.arguments, **to_arguments(new.space, point)}
    had = {c.argument for c in old.space.coordinates if c.id in assignment}
    filled = [c for c in new.space.coordinates if c.id in point and c.id not in assignment]
    # What a trial was given by another name is nothing new.
    imputed = any(c.argument not in had for c in filled)
    for name in given.keys() | gives.keys():
        if name in given and name in gives:
            same = _same(given[name], gives[name])
        else:
            # More may be given than was where the space asks for more; less never.
            same = name in gives and name in new.searched
        if not same:
            return "invalidated", None
    return ("imputed" if imputed else "kept"), point


def _point(
    new: Setup, assignment: Assignment, given: Mapping[str, object]
) -> dict[str, Value] | None:
    """The trial in another space; None where a value is missing, or is none of it."""
    point: dict[str, Value] = {}
    for coordinate in new.space.coordinates:
        if not is_active(coordinate, point):
            continue
        value = assignment.get(coordinate.id)
        if value is not None:
            value = _typed(coordinate, value)
        elif coordinate.name in new.lists:
            value = coordinate.default  # what was given are values, and no digits
        else:
            value = _known(coordinate, given)
        if value is None or not contains(coordinate.domain, value):
            return None
        point[coordinate.id] = value
    return point


def _known(coordinate: Coordinate, given: Mapping[str, object]) -> Value | None:
    """What a trial had where its point does not say."""
    fixed = given.get(coordinate.argument)
    for place in coordinate.index:
        fixed = _item(fixed, place)
    if isinstance(fixed, bool | int | float | str):
        return _typed(coordinate, fixed)
    return coordinate.default


def _item(value: object, place: int) -> object:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return items[place] if place < len(items) else None


def _typed(coordinate: Coordinate, value: Value) -> Value:
    if isinstance(coordinate.domain, IntRange) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _same(left: object, right: object) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        pairs = zip(cast("list[object]", left), cast("list[object]", right), strict=False)
        return len(left) == len(right) and all(_same(a, b) for a, b in pairs)
    # Python holds `True == 1`.
    return isinstance(left, bool) == isinstance(right, bool) and left == right
