"""A point that a person gives, by the names of a trial's arguments, filled up by defaults."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import cast

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Value
from omniforce.spec.problem import Problem
from omniforce.spec.space import Coordinate, Space, contains, is_active, violated

NO_POINT = "OFC783"


def given_point(space: Space, given: Mapping[str, object]) -> dict[str, Value]:
    """The point that is meant: what is active and not given gets its default.

    Args:
        space: of the study, as it is now.
        given: by argument (arrays as lists, nested as the trial gets them) or by coordinate.

    Raises:
        Problem: it is no point of the space.
    """
    point: dict[str, Value] = {}
    used: set[str] = set()
    for coordinate in space.coordinates:
        name, found = _look(coordinate, given)
        if not is_active(coordinate, point):
            continue
        if found is None and coordinate.default is None:
            raise _no(f"`{coordinate.id}` is missing, and has no default", f"{coordinate.id}=...")
        if found is not None:
            used.add(name)
        point[coordinate.id] = _fitting(coordinate, coordinate.default if found is None else found)
    for name in given:
        if name not in used:
            raise _not_asked(space, name, point)
    for constraint in violated(space, point):
        raise _no(f"the constraint `{to_text(constraint)}` does not hold there", "other values")
    return point


def _look(coordinate: Coordinate, given: Mapping[str, object]) -> tuple[str, Value | None]:
    """What is given for a coordinate, and under which name."""
    for name in (coordinate.id, coordinate.name, coordinate.argument):
        found = given.get(name)
        for place in coordinate.index if name != coordinate.id else ():
            if not isinstance(found, list):
                found = None
                break
            items = cast("list[object]", found)
            found = items[place] if place < len(items) else None
        if isinstance(found, bool | int | float | str):
            return name, found
    return coordinate.id, None


def _fitting(coordinate: Coordinate, value: Value | None) -> Value:
    """The value in the domain's own type.

    Raises:
        Problem: it is none of the domain.
    """
    if value is not None:
        candidates: list[Value] = [value]
        if isinstance(value, int) and not isinstance(value, bool):
            candidates.append(float(value))
        for candidate in candidates:
            if contains(coordinate.domain, candidate):
                return candidate
    raise _no(
        f"`{coordinate.id}` is `{value}`, which its range does not hold", "a value of the range"
    )


def _not_asked(space: Space, name: str, point: Mapping[str, Value]) -> Problem:
    names = sorted({c.argument for c in space.coordinates if c.id in point})
    there = any(name in (c.id, c.name, c.argument) for c in space.coordinates)
    if there:
        return _no(f"`{name}` is not active there", "leave it out")
    near = get_close_matches(name, names, 1)
    return _no(
        f"there is no parameter `{name}`",
        f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names)}",
    )


def _no(what: str, help_: str) -> Problem:
    return Problem(NO_POINT, what, help_)
