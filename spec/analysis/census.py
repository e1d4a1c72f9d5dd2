"""How many points a space has, exactly: counted coordinate by coordinate, what is read later kept.

Points that agree in all that a later condition or constraint reads go on together, so that the
cost follows what hangs on each other and not the number of points (variable elimination;
Dechter 1999, Bucket elimination).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..expression.evaluate import names
from ..expression.tree import Expression, Value
from ..frozen import dataclass
from ..space import Choice, Coordinate, Domain, IntRange, Space, cardinality, is_active, violated
from .draw import value

MOST = 200_000
"""Steps after which the count is given up."""


@dataclass(frozen=True, slots=True)
class Census:
    """What was counted.

    Attributes:
        combinations: points of the discrete coordinates, those that are numbers left out.
        dimensions: the fewest and the most coordinates of a continuum that a point has.
        share: the chance that a random point is among those that were counted; all of them if no
            constraint was looked at.
        active: per coordinate, the chance that it takes part in one of them.
    """

    combinations: int
    dimensions: tuple[int, int]
    share: float
    active: Mapping[str, float]


@dataclass(slots=True)
class _Group:
    """Points that no later condition or constraint tells apart."""

    count: int = 0
    chance: float = 0.0
    fewest: int = 10**9
    most: int = 0

    def add(self, other: _Group, times: int, share: float, continuous: int) -> None:
        self.count += other.count * times
        self.chance += other.chance * share
        self.fewest = min(self.fewest, other.fewest + continuous)
        self.most = max(self.most, other.most + continuous)


def census(space: Space, *, constrained: bool) -> Census | None:
    """The count; None where a condition reads a continuum, or too much hangs on each other.

    Args:
        space: whose points are counted.
        constrained: whether only those that keep the constraints are.
    """
    constraints = space.constraints if constrained else ()
    judged, last = _uses(space, constraints)
    groups: dict[tuple[tuple[str, Value], ...], _Group] = {(): _Group(1, 1.0, 0, 0)}
    active: dict[str, float] = {}
    steps = 0
    for at, coordinate in enumerate(space.coordinates):
        kept_later = last.get(coordinate.id, -1) > at
        read_now = kept_later or bool(judged[at])
        values = _values(coordinate.domain) if read_now else None
        if read_now and values is None:
            return None
        made: dict[tuple[tuple[str, Value], ...], _Group] = {}
        for key, group in groups.items():
            known = dict(key)
            if not is_active(coordinate, known):
                steps += 1
                _put(made, known, None, group, judged[at], last, at)
                continue
            active[coordinate.id] = active.get(coordinate.id, 0.0) + group.chance
            if values is None:
                steps += 1
                _put(made, known, _whole(coordinate), group, judged[at], last, at)
                continue
            steps += len(values)
            for each, share in values:
                now = {**known, coordinate.id: each}
                _put(made, now, (1, share, 0), group, judged[at], last, at)
        if steps > MOST:
            return None
        groups = made
    total = _Group()
    for group in groups.values():
        total.add(group, 1, 1.0, 0)
    dimensions = (total.fewest, total.most) if total.count else (0, 0)
    return Census(total.count, dimensions, total.chance, active)


def _put(
    made: dict[tuple[tuple[str, Value], ...], _Group],
    known: Mapping[str, Value],
    factor: tuple[int, float, int] | None,
    group: _Group,
    judged: tuple[Space, ...],
    last: Mapping[str, int],
    at: int,
) -> None:
    """Adds a group to those that agree in all that is read after `at`."""
    if any(violated(each, known) for each in judged):
        return
    key = tuple((i, v) for i, v in known.items() if last[i] > at)
    times, share, continuous = factor or (1, 1.0, 0)
    made.setdefault(key, _Group()).add(group, times, share, continuous)


def _uses(
    space: Space, constraints: tuple[Expression, ...]
) -> tuple[list[tuple[Space, ...]], dict[str, int]]:
    """Per place the constraints that can be judged there, and where each id is read last."""
    place = {c.id: at for at, c in enumerate(space.coordinates)}
    judged: list[tuple[Space, ...]] = [() for _ in space.coordinates]
    last: dict[str, int] = {}
    for at, coordinate in enumerate(space.coordinates):
        for condition in coordinate.conditions:
            for name in names(condition):
                last[name.id] = max(last.get(name.id, -1), at)
    for constraint in constraints:
        read = {n.id for n in names(constraint)}
        at = max((place[i] for i in read), default=0)
        judged[at] = (*judged[at], Space(space.coordinates[:0], (constraint,)))
        for each in read:
            last[each] = max(last.get(each, -1), at)
    return judged, last


def _whole(coordinate: Coordinate) -> tuple[int, float, int]:
    count = cardinality(coordinate.domain)
    return (1, 1.0, 1) if count is None else (count, 1.0, 0)


def _values(domain: Domain) -> tuple[tuple[Value, float], ...] | None:
    """The values with their chances where every value is as likely on its scale; None for many."""
    count = cardinality(domain)
    if count is None or count > 1024:
        return None
    if isinstance(domain, Choice) or (isinstance(domain, IntRange) and domain.scale == "linear"):
        return tuple((value(domain, (i + 0.5) / count), 1.0 / count) for i in range(count))
    drawn: dict[Value, float] = {}
    for i in range(16 * count):
        each = value(domain, (i + 0.5) / (16 * count))
        drawn[each] = drawn.get(each, 0.0) + 1.0 / (16 * count)
    if isinstance(domain, IntRange):
        for i in range(domain.low, domain.high + 1, domain.step):
            drawn.setdefault(i, 0.0)  # so unlikely that no draw met it, and still a point
    return tuple(drawn.items())
