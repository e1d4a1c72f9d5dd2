"""Feasible points of a conditional space, built coordinate by coordinate.

A draw that breaks no constraint is taken as it is. Where too many do, a point is searched for, and
a narrow feasible set costs steps and never starves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random as Generator

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Space, contains, is_active, is_feasible, violated

from ..protocol import EmptySpace, SpaceExhausted
from .backjumping import Backjumping, Values
from .encoding import Encoding, Key, Labels
from .moves import anywhere, moved_place, outwards
from .priors import Spread, spread

PLAIN_TRIES = 8


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws points that satisfy every constraint.

    Attributes:
        encoding: the axes of the space.
        spreads: per coordinate, where its prior expects good values.
        search: for a point where a draw breaks a constraint.
    """

    encoding: Encoding
    spreads: tuple[Spread | None, ...]
    search: Backjumping

    @classmethod
    def of(cls, space: Space) -> Sampler:
        """The sampler of this space."""
        encoding = Encoding.of(space)
        spreads = tuple(
            spread(axis, coordinate.prior)
            for axis, coordinate in zip(encoding.axes, space, strict=True)
        )
        return cls(encoding, spreads, Backjumping.of(space))

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

    def among(
        self, listed: Sequence[Sequence[Value]], known: Collection[Key] = ()
    ) -> dict[str, Value]:
        """The first point that has only these values, by coordinate, and is not known.

        Raises:
            EmptySpace: no feasible point was found.
            SpaceExhausted: no feasible point was found that is not known.
        """
        return self._new(lambda at: iter(listed[at]), known)

    def holds(self, point: Assignment) -> bool:
        """Whether this is a point of the space: `validate` without words, for many points."""
        left = len(point)
        for coordinate in self.space:
            if not is_active(coordinate, point):
                continue
            value = point.get(coordinate.id)
            if value is None or not contains(coordinate.domain, value):
                return False
            left -= 1
        return left == 0 and is_feasible(self.space, point)

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

    def neighbour(
        self, point: Assignment, generator: Generator, reach: float, *, alone: bool = False
    ) -> dict[str, Value]:
        """A feasible point that differs from this one in one active coordinate or a few.

        Args:
            point: where to start.
            generator: of the moves.
            reach: how far a number moves, as a share of its axis (a standard deviation).
            alone: move one coordinate only, where the constraints allow that.
        """
        movable = [
            at
            for at, coordinate in enumerate(self.space)
            if coordinate.id in point and self.encoding.axes[at].count != 1
        ]
        for attempt in range(4):
            unit = self.filled(self.key(point), generator)
            # One move mostly, two or three now and then: one alone cannot cross a constraint.
            moves = 1
            if attempt or not alone:
                moves += (generator.random() < 0.4) + (generator.random() < 0.15)
            for at in generator.sample(movable, min(moves, len(movable))):
                axis = self.encoding.axes[at]
                unit[at] = moved_place(axis, unit[at], generator, reach * 0.5**attempt)
            moved = self.encoding.decode(unit)
            if not violated(self.space, moved):
                return moved
        return self._slice(point, generator)

    def default(self, generator: Generator, known: Collection[Key]) -> dict[str, Value] | None:
        """The writer's own first guess: defaults, the middle of a prior, or of the range.

        None where no coordinate has a default or a prior, or where the point is known already.
        """
        coordinates, axes = self.space.coordinates, self.encoding.axes
        if all(each.default is None and each.prior is None for each in coordinates):
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
        unit, moved = self.filled(self.key(point), generator), dict(point)
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

    def filled(self, key: Key, generator: Generator) -> list[float]:
        """A point's place in the cube, with a draw for what may become active."""
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

        point = self.search.first(values, accept)
        if point is not None:
            return point
        if found:
            raise SpaceExhausted("every feasible point that could be found has been proposed")
        raise EmptySpace("no point satisfies all constraints, as far as could be found")
