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
    known = {name for c in space.coordinates for name in (c.id, c.name, c.argument)}
    for name in given:
        if name not in known:
            raise _not_asked(space, name, given)
    digits, used = _digits(space, given)
    for coordinate in space.coordinates:
        name, found = _look(coordinate, {**given, **digits})
        if not is_active(coordinate, point):
            continue
        if found is None and coordinate.default is None:
            raise _no(f"`{coordinate.id}` is missing, and has no default", f"{coordinate.id}=...")
        if found is not None:
            used.add(name)
        point[coordinate.id] = _fitting(coordinate, coordinate.default if found is None else found)
    for name in given:
        if name not in used:
            raise _no(f"`{name}` is not active there", "leave it out")
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


def _digits(space: Space, given: Mapping[str, object]) -> tuple[dict[str, int], set[str]]:
    """Permutations and subsets as the digits that they are searched as, and the names of those.

    Raises:
        Problem: a list is none that its parameter can be.
    """
    found: dict[str, int] = {}
    used: set[str] = set()
    for composite in space.composites:
        name = composite.argument if composite.argument in given else composite.name
        asked: object = given.get(name)
        for place in composite.index:
            items = cast("list[object]", asked) if isinstance(asked, list) else []
            asked = items[place] if place < len(items) else None
        if not isinstance(asked, list):
            continue
        values, left = cast("list[object]", asked), list(composite.values)
        places: list[int] = []
        for value in values:
            if not any(_same(value, each) for each in left):
                raise _no(
                    f"`{name}` is `{values}`, which is no {composite.kind} of its values",
                    f"values of {', '.join(map(str, composite.values))}, each once",
                )
            places.append(next(k for k, each in enumerate(left) if _same(value, each)))
            left.pop(places[-1])
        if composite.kind == "permutation" and left:
            raise _no(
                f"`{name}` is `{values}`, which leaves out `{left[0]}`",
                "all of its values, in order",
            )
        digits = (
            places[:-1]
            if composite.kind == "permutation"
            else [int(any(_same(each, v) for v in values)) for each in composite.values]
        )
        outer = composite.name + "".join(f"[{i}]" for i in composite.index)
        found |= {f"{outer}[{k}]": digit for k, digit in enumerate(digits)}
        used.add(name)
    return found, used


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _not_asked(space: Space, name: str, given: Mapping[str, object]) -> Problem:
    names = sorted({c.argument for c in space.coordinates if c.argument not in given})
    near = get_close_matches(name, names, 1)
    return _no(
        f"there is no parameter `{name}`",
        f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names)}",
    )


def _no(what: str, help_: str) -> Problem:
    return Problem(NO_POINT, what, help_)
