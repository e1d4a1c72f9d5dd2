"""Parts of a search space: for each coordinate what it can still be, and whether it takes part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from ..expression.evaluate import names
from ..expression.tree import Expression, Value
from ..expression.walk import open_names
from ..frozen import dataclass
from ..space import Assignment, Choice, Coordinate, Domain, FloatRange, IntRange, is_active
from .possible import BOTH, NO, YES, Answer, Numbers, Possible, truth

FEW = 64
"""Whole numbers in a range that are taken one by one; more of them are an interval."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a space.

    Attributes:
        coordinates: in their order; all that conditions of theirs read are among them.
        values: what each can be where it takes part, by id.
        active: whether each takes part: `YES`, `NO` or `BOTH`.
    """

    coordinates: tuple[Coordinate, ...]
    values: Mapping[str, Possible]
    active: Mapping[str, Answer] = field(default_factory=dict)

    @classmethod
    def whole(cls, coordinates: Sequence[Coordinate]) -> Box:
        """All of it."""
        return cls.of(tuple(coordinates), {c.id: _start(c.domain) for c in coordinates})

    @classmethod
    def of(cls, coordinates: tuple[Coordinate, ...], values: Mapping[str, Possible]) -> Box:
        """The part with these values; says which coordinates take part."""
        active: dict[str, Answer] = {}
        for coordinate in coordinates:
            found = YES
            for condition in coordinate.conditions:
                holds = _holds(condition, values, active)
                if holds == NO:
                    found = NO
                    break
                found = found if holds == YES else BOTH
            active[coordinate.id] = found
        return cls(coordinates, values, active)

    def keeps(self, constraint: Expression) -> Answer:
        """Whether a constraint holds here; one that reads an inactive coordinate does."""
        parts = [self.active[name.id] for name in open_names(constraint)]
        if NO in parts:
            return YES
        found = truth(constraint, self.values, self.active)
        return found if BOTH not in parts or found == YES else BOTH

    def halves(self, constraints: Sequence[Expression]) -> tuple[Box, ...]:
        """This box cut through a coordinate that what is undecided hangs on; none if all is one."""
        place = self._widest(constraints)
        if place is None:
            return ()
        domain = next(c.domain for c in self.coordinates if c.id == place)
        parts = _cut(domain, self.values[place])
        return tuple(Box.of(self.coordinates, {**self.values, place: part}) for part in parts)

    def has_continuum(self, constraints: Sequence[Expression]) -> bool:
        """Whether a constraint reads more than one value of a number."""
        read = {self.values[n.id] for c in constraints for n in names(c)}
        return any(isinstance(v, Numbers) and v.low < v.high for v in read)

    def points(self) -> Iterator[Assignment]:
        """Its middle, and the two corners where all is least and where all is most."""
        for share in (0.5, 0.0, 1.0):
            point: dict[str, Value] = {}
            for coordinate in self.coordinates:
                if is_active(coordinate, point):
                    found = self.values[coordinate.id]
                    point[coordinate.id] = _value(coordinate.domain, found, share)
            yield point

    def _widest(self, constraints: Sequence[Expression]) -> str | None:
        """What decides whether others take part comes first, and the widest of the rest."""
        read = {n.id for c in constraints for n in names(c)}
        by_id = {c.id: c for c in self.coordinates}
        open_ = [i for i in read if self.active[i] == BOTH]
        deciders: set[str] = set()
        while open_:
            for condition in by_id[open_.pop()].conditions:
                for name in names(condition):
                    if name.id not in deciders:
                        deciders.add(name.id)
                        open_.append(name.id)
        for group in (deciders, read):
            wide = [(_width(self.values[i]), i) for i in group if self.active[i] != NO]
            widest = max((each for each in wide if each[0] > 0), default=None)
            if widest is not None:
                return widest[1]
        return None


def _holds(
    condition: Expression,
    values: Mapping[str, Possible],
    active: Mapping[str, Answer],
) -> Answer:
    parts = [active[name.id] for name in open_names(condition)]
    if NO in parts:
        return NO
    found = truth(condition, values, active)
    return found if BOTH not in parts or found == NO else BOTH


def _start(domain: Domain) -> Possible:
    match domain:
        case Choice(values=values):
            return frozenset(values)
        case IntRange(low=low, high=high, step=step):
            return _whole(low, low + (high - low) // step * step, step)
        case FloatRange(low=low, high=high):
            return Numbers(low, high)


def _whole(low: int, high: int, step: int) -> Possible:
    few = (high - low) // step < FEW
    return frozenset(range(low, high + 1, step)) if few else Numbers(low, high)


def _width(found: Possible) -> float:
    """How much there is left to cut; 0 for a single value."""
    if isinstance(found, frozenset):
        return float(len(found) - 1)
    # an interval counts as many values, the more the wider it is for its size
    size = max(abs(found.low), abs(found.high))
    narrow = found.high - found.low <= 1e-9 * size
    return 0.0 if narrow else FEW * (1.0 + (found.high - found.low) / size)


def _cut(domain: Domain, found: Possible) -> tuple[Possible, ...]:
    if isinstance(found, frozenset):
        values = (
            sorted(found, key=repr) if isinstance(domain, Choice) else sorted(found, key=_number)
        )
        half = len(values) // 2
        return frozenset(values[:half]), frozenset(values[half:])
    middle = (found.low + found.high) / 2
    if isinstance(domain, IntRange):
        low, high, step = int(found.low), int(found.high), domain.step
        below = low + int(middle - low) // step * step
        return _whole(low, below, step), _whole(below + step, high, step)
    return Numbers(found.low, middle), Numbers(middle, found.high)


def _number(value: Value) -> float:
    return float(value)


def _value(domain: Domain, found: Possible, share: float) -> Value:
    """The value at a share of the way from the least to the greatest."""
    if isinstance(found, frozenset):
        values = (
            sorted(found, key=repr) if isinstance(domain, Choice) else sorted(found, key=_number)
        )
        return values[round(share * (len(values) - 1))]
    at = found.high if share == 1.0 else found.low + share * (found.high - found.low)
    match domain:
        case IntRange(low=low, step=step):
            return low + round((at - low) / step) * step
        case FloatRange(low=low, high=high, step=float(step)):
            return min(low + round((at - low) / step) * step, high)
        case _:
            return at
