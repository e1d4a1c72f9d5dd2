"""Feasible points of a conditional space, built coordinate by coordinate.

A value that breaks a constraint is replaced at once; where no value helps, the search goes
back to the last coordinate that the broken constraints depend on (conflict-directed
backjumping, Prosser 1993), so that a narrow feasible set costs steps and never starves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random as Generator

from omniforce.spec.expression.evaluate import names
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Space, is_active, violated

from .encoding import Encoding, Key, Labels
from .moves import anywhere, moved_place, outwards
from .priors import Spread, spread
from .protocol import EmptySpace, SpaceExhausted
from .refutation import Refutation

STEPS = 50_000
"""Values tried before a search gives up: about a second."""

PLAIN_TRIES = 8
Accept = Callable[[Assignment], bool]
Values = Callable[[int], Iterator[Value]]


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws points that satisfy every constraint.

    Attributes:
        encoding: the axes of the space.
        decided: per coordinate, the constraints that can be judged once it has a value.
        blamed: per constraint, the coordinates whose values it depends on, directly or through
            what makes them active.
        parents: per coordinate, the coordinates that decide whether it is active.
        single: per constraint, the space with no other.
        spreads: per coordinate, where its prior expects good values.
        early: what of the constraints can be seen to be broken before all has a value.
    """

    encoding: Encoding
    decided: tuple[tuple[int, ...], ...]
    blamed: tuple[frozenset[int], ...]
    parents: tuple[frozenset[int], ...]
    single: tuple[Space, ...]
    spreads: tuple[Spread | None, ...]
    early: Refutation

    @classmethod
    def of(cls, space: Space) -> Sampler:
        """The sampler of this space."""
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
        encoding = Encoding.of(space)
        return cls(
            encoding,
            tuple(map(tuple, decided)),
            tuple(blamed),
            tuple(parents),
            tuple(Space(space.coordinates, (each,)) for each in space.constraints),
            tuple(
                spread(axis, coordinate.prior)
                for axis, coordinate in zip(encoding.axes, space, strict=True)
            ),
            Refutation.of(space),
        )

    @property
    def space(self) -> Space:
        """What is sampled."""
        return self.encoding.space

    def random(self, generator: Generator, known: Collection[Key] = ()) -> dict[str, Value]:
        """A random point that is not among the known ones.

        Uniform on the scales of the space, or as its priors say, where most of it is feasible;
        elsewhere every feasible point can come, though not all with the same chance.

        Raises:
            EmptySpace: no feasible point was found.
            SpaceExhausted: no feasible point was found that is not known.
        """
        for _ in range(PLAIN_TRIES):
            point = self.encoding.decode(self._drawn(generator))
            if not violated(self.space, point) and self.encoding.key(point) not in known:
                return point
        axes = self.encoding.axes
        return self._new(lambda at: anywhere(axes[at], generator, self.spreads[at]), known)

    def expected(self, unit: Sequence[float]) -> list[float]:
        """Where a uniform draw from the cube goes, once priors are heeded."""
        return [
            place if wish is None else wish.place(place)
            for place, wish in zip(unit, self.spreads, strict=True)
        ]

    def _drawn(self, generator: Generator) -> list[float]:
        return self.expected([generator.random() for _ in self.space])

    def near(
        self, unit: Sequence[float], generator: Generator, known: Collection[Key] = ()
    ) -> dict[str, Value]:
        """A point that is not among the known ones, close to a place in the unit cube.

        Raises:
            EmptySpace: no feasible point was found.
            SpaceExhausted: no feasible point was found that is not known.
        """
        point = self.encoding.decode(unit)
        if not violated(self.space, point) and self.encoding.key(point) not in known:
            return point
        axes = self.encoding.axes
        return self._new(
            lambda at: outwards(axes[at], unit[at], generator, self.spreads[at]), known
        )

    def many(self, count: int, generator: Generator) -> list[dict[str, Value]]:
        """Random points, which may repeat; cheap even where the feasible set is narrow.

        Raises:
            EmptySpace: no feasible point was found.
        """
        points: list[dict[str, Value]] = []
        while len(points) < count:
            point = self.encoding.decode(self._drawn(generator))
            if not violated(self.space, point):
                points.append(point)
            elif points:
                points.append(self._slice(points[-1], generator))
            else:
                points.append(self.random(generator))
        return points

    def neighbour(self, point: Assignment, generator: Generator, reach: float) -> dict[str, Value]:
        """A feasible point that differs from this one in one active coordinate or a few.

        Args:
            point: where to start.
            generator: of the moves.
            reach: how far a number moves, as a share of its axis (a standard deviation).
        """
        movable = [
            at
            for at, coordinate in enumerate(self.space)
            if coordinate.id in point and self.encoding.axes[at].count != 1
        ]
        for attempt in range(4):
            unit = self._unit(point, generator)
            # One move mostly, two or three now and then: one alone cannot cross a constraint.
            moves = 1 + (generator.random() < 0.4) + (generator.random() < 0.15)
            for at in generator.sample(movable, min(moves, len(movable))):
                axis = self.encoding.axes[at]
                unit[at] = moved_place(axis, unit[at], generator, reach * 0.5**attempt)
            moved = self.encoding.decode(unit)
            if not violated(self.space, moved):
                return moved
        return self._slice(point, generator)

    def default(self, generator: Generator, known: Collection[Key]) -> dict[str, Value] | None:
        """The writer's own first guess, the middle where a coordinate has none.

        None where no coordinate has a default, or where the point is known already.
        """
        coordinates, axes = self.space.coordinates, self.encoding.axes
        if all(coordinate.default is None for coordinate in coordinates):
            return None

        def values(at: int) -> Iterator[Value]:
            default, axis = coordinates[at].default, axes[at]
            if default is not None:
                yield default
                yield from outwards(axis, axis.encode(default), generator)
                return
            wish = self.spreads[at]
            first = 0.0 if isinstance(axis, Labels) else 0.5
            if wish is not None:
                first = wish.likeliest() if isinstance(axis, Labels) else wish.place(0.5)
            yield from outwards(axis, first, generator)

        point = self._new(values, ())
        return None if self.encoding.key(point) in known else point

    def _slice(self, point: Assignment, generator: Generator) -> dict[str, Value]:
        """The point after a move along each axis, within the feasible set.

        Neal (2003), Slice sampling, section 4: the interval shrinks towards the old place.
        """
        unit, moved = self._unit(point, generator), dict(point)
        for at in generator.sample(range(len(unit)), len(unit)):
            wish = self.spreads[at]
            low, high, old = 0.0, 1.0, unit[at]
            if wish is not None:
                old = wish.share(old)
            for _ in range(16):
                share = low + generator.random() * (high - low)
                unit[at] = share if wish is None else wish.place(share)
                candidate = self.encoding.decode(unit)
                if not violated(self.space, candidate):
                    moved = candidate
                    break
                low, high = (share, high) if share < old else (low, share)
            else:
                unit[at] = old if wish is None else wish.place(old)
        return moved

    def _unit(self, point: Assignment, generator: Generator) -> list[float]:
        """Its place in the cube, with a draw for what may become active."""
        key = self.encoding.key(point)
        return [
            place
            if place is not None
            else (generator.random() if wish is None else wish.place(generator.random()))
            for place, wish in zip(key, self.spreads, strict=True)
        ]

    def key(self, point: Assignment) -> Key:
        """What two equal points have in common."""
        return self.encoding.key(point)

    def _new(self, values: Values, known: Collection[Key]) -> dict[str, Value]:
        found = False

        def accept(point: Assignment) -> bool:
            nonlocal found
            found = True
            return self.encoding.key(point) not in known

        point = self._search(values, accept)
        if point is not None:
            return point
        if found:
            raise SpaceExhausted("every feasible point that could be found has been proposed")
        raise EmptySpace("no point satisfies all constraints, as far as could be found")

    def _search(self, values: Values, accept: Accept) -> dict[str, Value] | None:
        """The first accepted point; None where all are refused, or after `STEPS` values."""
        coordinates = self.space.coordinates
        point: dict[str, Value] = {}
        left: list[Iterator[Value | None]] = []  # per coordinate reached, what is still to try
        blame: list[set[int]] = []  # per coordinate reached, what its refusals depend on

        def enter(at: int) -> None:
            active = is_active(coordinates[at], point)
            left.append(values(at) if active else iter((None,)))
            blame.append(set(self.parents[at]))

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
