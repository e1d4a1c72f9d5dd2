"""Constraints that can be seen to be broken before all that they read has a value.

    sum(channels) <= 512        refused as soon as the channels so far come to more, together
    a * b * c <= 40             with the least that the others can be

Interval arithmetic, as `spec.expression.bounds` does it; without it a search for a small product
would only learn at its last coordinate that the first ones were too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from omniforce.spec.expression.bounds import Bounds, bounds
from omniforce.spec.expression.evaluate import names
from omniforce.spec.expression.tree import Compare, Expression
from omniforce.spec.expression.walk import open_names
from omniforce.spec.resolving.meaning import bounds_of
from omniforce.spec.space import Assignment, Coordinate, Space, is_active, parents

WIDEST = 256
"""Constraints over more coordinates are only judged at the end, since each look takes its time."""

SLACK = 1e-9
"""How far apart two sides must be, relative to them: sums are rounded."""


ABSENT = Bounds(0.0, 0.0, certain=False)
BOUNDS_OF_A_WORD = Bounds()


@dataclass(frozen=True, slots=True)
class _Watched:
    """One constraint: its number, what it compares, and where what it reads and needs stands."""

    number: int
    comparison: Compare
    read: tuple[int, ...]
    needed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Refutation:
    """The constraints that compare, by the coordinates that they read.

    Attributes:
        coordinates: of the space.
        watched: per coordinate, the constraints that read it and later ones.
        box: where each coordinate lies before it has a value.
        told: per coordinate, the last one that decides whether it is active; -1 where none does.
    """

    coordinates: tuple[Coordinate, ...]
    watched: tuple[tuple[_Watched, ...], ...]
    box: tuple[Bounds, ...]
    told: tuple[int, ...]

    @classmethod
    def of(cls, space: Space) -> Refutation:
        """What there is to watch in this space."""
        place = {coordinate.id: at for at, coordinate in enumerate(space)}
        watched: list[list[_Watched]] = [[] for _ in space]
        for number, constraint in enumerate(space.constraints):
            for each in _watched(number, constraint, place):
                for at in each.read[:-1]:
                    watched[at].append(each)
        if not any(watched):
            return cls((), tuple(map(tuple, watched)), (), ())
        told = tuple(max((place[id_] for id_ in parents(c)), default=-1) for c in space)
        box = tuple(bounds_of(c.domain, certain=False) for c in space)
        return cls(space.coordinates, tuple(map(tuple, watched)), box, told)

    def broken(self, at: int, point: Assignment) -> int | None:
        """A constraint that no values of the coordinates behind `at` can mend."""
        for each in self.watched[at]:
            if self._hopeless(each, at, point):
                return each.number
        return None

    def _hopeless(self, each: _Watched, at: int, point: Assignment) -> bool:
        box: dict[str, Bounds] = {}
        for place in each.read:
            coordinate = self.coordinates[place]
            id_ = coordinate.id
            value = point.get(id_)
            if place <= at and value is not None:
                box[id_] = BOUNDS_OF_A_WORD if isinstance(value, str) else Bounds(value, value)
                continue
            # Whether a later coordinate takes part may be known by now.
            known = self.told[place] <= at
            active = place > at and known and is_active(coordinate, point)
            if active:
                box[id_] = replace(self.box[place], certain=True)
            elif place in each.needed:
                return False  # it holds where what it needs is inactive
            elif known or place <= at:
                box[id_] = ABSENT
            else:
                box[id_] = self.box[place]
        left, right = bounds(each.comparison.left, box), bounds(each.comparison.right, box)
        if not (left.certain and right.certain):
            return False  # it holds where what it needs is inactive
        match each.comparison.operator:
            case "<" | "<=":
                return _above(left.low, right.high)
            case ">" | ">=":
                return _above(right.low, left.high)
            case _:
                return _above(left.low, right.high) or _above(right.low, left.high)


def _above(one: float, other: float) -> bool:
    return one - other > SLACK * max(abs(one), abs(other), 1.0)


def _watched(number: int, constraint: Expression, place: dict[str, int]) -> Iterator[_Watched]:
    if not isinstance(constraint, Compare) or constraint.operator not in (
        "<",
        "<=",
        ">",
        ">=",
        "==",
    ):
        return
    read = sorted({place[n.id] for n in names(constraint)})
    if 1 < len(read) <= WIDEST:
        needed = frozenset(place[n.id] for n in open_names(constraint))
        yield _Watched(number, constraint, tuple(read), needed)
