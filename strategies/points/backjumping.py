"""The first feasible point in an order of values: conflict-directed backjumping.

A value that breaks a constraint is replaced at once; where no value helps, the search goes back to
the last coordinate that the broken constraints depend on, not merely to the one before.

Prosser (1993), Hybrid algorithms for the constraint satisfaction problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from omniforce.spec.expression.evaluate import names
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Coordinate, Space, is_active, violated

from .refutation import Refutation

STEPS = 50_000
"""Values tried before a search gives up: about a second."""

Accept = Callable[[Assignment], bool]
Values = Callable[[int], Iterator[Value]]
"""The values of a coordinate, by its place in the space, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Backjumping:
    """What a space's constraints depend on.

    Attributes:
        coordinates: of the space.
        decided: per coordinate, the constraints that can be judged once it has a value.
        blamed: per constraint, the coordinates whose values it depends on, directly or through
            what makes them active.
        parents: per coordinate, the coordinates that decide whether it is active.
        single: per constraint, the space with no other.
        early: what of the constraints can be seen to be broken before all has a value.
    """

    coordinates: tuple[Coordinate, ...]
    decided: tuple[tuple[int, ...], ...]
    blamed: tuple[frozenset[int], ...]
    parents: tuple[frozenset[int], ...]
    single: tuple[Space, ...]
    early: Refutation

    @classmethod
    def of(cls, space: Space) -> Backjumping:
        """The search in this space."""
        place = {coordinate.id: at for at, coordinate in enumerate(space)}
        parents: list[frozenset[int]] = []
        for coordinate in space:
            read = {place[name.id] for each in coordinate.conditions for name in names(each)}
            parents.append(frozenset(read).union(*(parents[at] for at in read)))
        decided: list[list[int]] = [[] for _ in space]
        blamed: list[frozenset[int]] = []
        for at, constraint in enumerate(space.constraints):
            read = {place[name.id] for name in names(constraint)}
            decided[max(read, default=0)].append(at)
            blamed.append(frozenset(read).union(*(parents[each] for each in read)))
        return cls(
            space.coordinates,
            tuple(map(tuple, decided)),
            tuple(blamed),
            tuple(parents),
            tuple(Space(space.coordinates, (each,)) for each in space.constraints),
            Refutation.of(space),
        )

    def first(self, values: Values, accept: Accept) -> dict[str, Value] | None:
        """The first accepted point; None where all are refused, or after `STEPS` values."""
        coordinates = self.coordinates
        point: dict[str, Value] = {}
        left: list[Iterator[Value | None]] = []  # per coordinate reached, what is still to try
        blame: list[set[int]] = []  # per coordinate reached, what its refusals depend on

        def enter(at: int) -> None:
            active = is_active(coordinates[at], point)
            left.append(values(at) if active else iter((None,)))
            blame.append(set(self.parents[at]))

        if not coordinates:
            return point if accept(point) else None
        enter(0)
        for _ in range(STEPS):
            at = len(left) - 1
            try:
                value = next(left[at])
            except StopIteration:
                conflict = blame[at] - {at}
                back = max(conflict, default=-1)
                for each in range(back + 1, at + 1):
                    point.pop(coordinates[each].id, None)
                del left[back + 1 :], blame[back + 1 :]
                if not left:
                    return None
                blame[back] |= conflict
                continue
            if value is None:
                point.pop(coordinates[at].id, None)
            else:
                point[coordinates[at].id] = value
            broken = next((c for c in self.decided[at] if violated(self.single[c], point)), None)
            if broken is None:
                broken = self.early.broken(at, point)
            if broken is not None:
                blame[at] |= {each for each in self.blamed[broken] if each <= at}
            elif at + 1 < len(coordinates):
                enter(at + 1)
            elif accept(point):
                return point
            else:
                blame[at].update(range(at))
        return None
