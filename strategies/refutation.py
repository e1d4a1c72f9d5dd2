"""Sums and their like that can be seen to be broken before all that they read has a value.

    sum(channels) <= 512        refused as soon as the channels so far come to more, together
                                with the least that the others can be

Interval arithmetic, as `spec.expression.bounds` does it; without it a search for a small sum would
only learn at its last coordinate that the first ones were too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from omniforce.spec.expression.bounds import Bounds, bounds
from omniforce.spec.expression.evaluate import names
from omniforce.spec.expression.tree import Call, Compare, Expression, Places
from omniforce.spec.meaning import bounds_of
from omniforce.spec.placing import open_names
from omniforce.spec.space import Assignment, Space

WIDEST = 256
"""Constraints over more coordinates are only judged at the end, since each look takes its time."""

SLACK = 1e-9
"""How far apart two sides must be, relative to them: sums are rounded."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """One constraint: its number, what it compares, the ids that it reads and needs."""

    number: int
    comparison: Compare
    read: tuple[tuple[str, int], ...]
    needed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Refutation:
    """The constraints over sums, by the coordinates that they read.

    Attributes:
        watched: per coordinate, the constraints that read it and later ones.
        box: where each coordinate lies before it has a value.
    """

    watched: tuple[tuple[_Watched, ...], ...]
    box: dict[str, Bounds]

    @classmethod
    def of(cls, space: Space) -> Refutation:
        """What there is to watch in this space."""
        place = {coordinate.id: at for at, coordinate in enumerate(space)}
        watched: list[list[_Watched]] = [[] for _ in space]
        for number, constraint in enumerate(space.constraints):
            for each in _watched(number, constraint, place):
                last = max(at for _, at in each.read)
                for _, at in each.read:
                    if at < last:
                        watched[at].append(each)
        box = {
            c.id: bounds_of(c.domain, certain=not c.conditions)
            for c in (space if any(watched) else ())
        }
        return cls(tuple(map(tuple, watched)), box)

    def broken(self, at: int, point: Assignment) -> int | None:
        """A constraint that no values of the coordinates behind `at` can mend."""
        for each in self.watched[at]:
            if self._hopeless(each, at, point):
                return each.number
        return None

    def _hopeless(self, each: _Watched, at: int, point: Assignment) -> bool:
        box: dict[str, Bounds] = {}
        for id_, place in each.read:
            value = point.get(id_)
            if place > at:
                box[id_] = self.box[id_]
                if id_ in each.needed and not box[id_].certain:
                    return False
            elif value is not None and not isinstance(value, str):
                box[id_] = Bounds(value, value)
            elif id_ in each.needed:
                return False
            else:
                box[id_] = Bounds(0.0, 0.0, certain=False)
        left, right = bounds(each.comparison.left, box), bounds(each.comparison.right, box)
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
    if not any(isinstance(side, Call | Places) or _sums(side) for side in _sides(constraint)):
        return
    read = tuple(dict.fromkeys(n.id for n in names(constraint)))
    if 1 < len(read) <= WIDEST:
        needed = frozenset(n.id for n in open_names(constraint))
        yield _Watched(number, constraint, tuple((id_, place[id_]) for id_ in read), needed)


def _sides(comparison: Compare) -> tuple[Expression, Expression]:
    return comparison.left, comparison.right


def _sums(side: Expression) -> bool:
    """Whether a function stands in it: fewer names are needed than are read."""
    return len(open_names(side)) < len(names(side))
