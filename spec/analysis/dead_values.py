"""Values of choices that no feasible point has: branches that constraints have closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from ..expression.evaluate import names
from ..expression.tree import Compare, Expression, Literal_, Value
from ..frozen import dataclass
from ..resolving.placing import name_of
from ..space import Choice, Coordinate, Space, is_feasible
from .draw import draw
from .proof import EFFORT, TRIES, Purse, conflict, prove

MOST = 64
"""Values of one choice that are asked about."""


@dataclass(frozen=True, slots=True)
class DeadValue:
    """A value that its choice never has.

    Attributes:
        choice: the coordinate.
        clash: positions of few groups of constraints that exclude it.
    """

    choice: Coordinate
    value: Value
    clash: tuple[int, ...]


def dead_values(space: Space, groups: Sequence[Sequence[Expression]]) -> Iterator[DeadValue]:
    """The dead values of choices that others hang on.

    Args:
        space: constraints not looked at.
        groups: the constraints, those of one written one together; they can hold together.
    """
    constraints = tuple(c for group in groups for c in group)
    asked = _asked(space, constraints)
    if not asked:
        return
    whole = Space(space.coordinates, constraints)
    unseen = {(c.id, v) for c in asked for v in _values(c)}
    generator = Random(0)  # noqa: S311 - any points will do
    for _ in range(TRIES):
        point = draw(whole, generator)
        if unseen and is_feasible(whole, point):
            unseen -= set(point.items())
    purse = Purse(2 * EFFORT)
    for choice in asked:
        for value in _values(choice):
            if (choice.id, value) not in unseen:
                continue
            is_it = Compare("==", name_of(choice.id), Literal_(value))
            if prove(space.coordinates, (*constraints, is_it), purse) == "impossible":
                clash = conflict(space.coordinates, (*groups, (is_it,)))
                yield DeadValue(choice, value, tuple(k for k in clash if k < len(groups)))


def _values(choice: Coordinate) -> tuple[Value, ...]:
    return choice.domain.values[:MOST] if isinstance(choice.domain, Choice) else ()


def _asked(space: Space, constraints: Sequence[Expression]) -> list[Coordinate]:
    """The choices, at the first place of an array, that decide whether a constraint applies."""
    by_id = {c.id: c for c in space.coordinates}
    open_ = [n.id for c in constraints for n in names(c)]
    found: set[str] = set()
    deciding: set[str] = set()
    while open_:
        each = open_.pop()
        if each in found:
            continue
        found.add(each)
        above = [n.id for c in by_id[each].conditions for n in names(c)]
        deciding.update(above)
        open_ += above
    choices = (c for c in space.coordinates if c.id in deciding and isinstance(c.domain, Choice))
    return [c for c in choices if not any(c.index)]
