"""What a trial was asked for, as people read it: lists and computed values, and no digits."""

from __future__ import annotations

from omniforce.spec.arguments import derived_value, list_of
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Space

from ..quantities import show_value


def parameter_texts(space: Space, point: Assignment) -> dict[str, str]:
    """The text of each parameter that takes part, by its id, in the space's order."""
    lists = {(c.name, c.index): c for c in space.composites}
    names = {c.name for c in space.composites}
    made: dict[str, str] = {}
    for coordinate in space:
        if coordinate.name not in names:
            if coordinate.id in point:
                made[coordinate.id] = show_value(point[coordinate.id])
            continue
        composite = lists[coordinate.name, coordinate.index[:-1]]
        values = list_of(composite, point) if coordinate.index[-1] == 0 else None
        if values is not None:
            made[coordinate.id.removesuffix("[0]")] = list_text(values)
    for derived in space.derived:
        value = derived_value(derived, point)
        if value is not None:
            made[derived.id] = show_value(value)
    return made


def shown_ids(space: Space) -> tuple[str, ...]:
    """The ids that `parameter_texts` may have, in order."""
    names = {c.name for c in space.composites}
    made: list[str] = []
    for coordinate in space:
        if coordinate.name not in names:
            made.append(coordinate.id)
        elif coordinate.index[-1] == 0:
            made.append(coordinate.id.removesuffix("[0]"))
    return (*made, *(d.id for d in space.derived))


def list_text(values: list[Value]) -> str:
    """`conv, norm, pool`; an empty list is said to be one."""
    return ", ".join(map(show_value, values)) or "none"
