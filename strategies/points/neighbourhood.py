"""Which points are neighbours of a point: those that one change of one coordinate leads to.

    a choice             any other value
    an ordered choice    the values one, two, four... steps away
    a number             so far, and a quarter and a sixteenth... as far, in both directions; on a
                         grid the numbers next to it as well

A change that switches coordinates on fills them as in the best trial that has them. A change that
breaks a constraint is mended by the nearest point that keeps it, if that is another point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random as Generator

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import is_feasible

from ..knowledge import Knowledge
from ..protocol import Reward
from .encoding import Axis, Grid, Key, Labels
from .sampling import Sampler

SCALES = (0.25, 0.0625, 0.015625, 0.00390625)
"""How far a number moves, as shares of its axis."""

RECENT = 512
"""Trials, the best ones, that say which values do well."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How well the trials did that have a value.

    Attributes:
        axes: of the space.
        ranks: of trials, the key of each with the share of all that it beats.
    """

    axes: tuple[Axis, ...]
    ranks: tuple[tuple[Key, float], ...]

    @classmethod
    def of(cls, study: Knowledge, ranked: Sequence[Reward]) -> Promise:
        """What the trials say, which come best first."""
        keys = [study.sampler.key(each.point) for each in ranked[:RECENT]]
        return cls(
            study.sampler.encoding.axes,
            tuple((key, 1.0 - (at + 0.5) / len(keys)) for at, key in enumerate(keys)),
        )

    def weight(self, at: int, place: float) -> float:
        """How likely a coordinate's new value comes early: the fourth power of its mean rank."""
        nominal = isinstance(self.axes[at], Labels)
        total, count = 0.6, 1.0
        for key, rank in self.ranks:
            its = key[at]
            if its is None:
                continue
            close = float(abs(its - place) < 1e-9) if nominal else 1.0 - 8.0 * abs(its - place)
            if close > 0.0:
                total, count = total + close * rank, count + close
        return (total / count) ** 4


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Neighbours in one space, as far as the trials go.

    Attributes:
        sampler: of the space.
        filling: where a coordinate that is switched on comes to stand; None where no trial has it.
    """

    sampler: Sampler
    filling: Key

    @classmethod
    def of(cls, sampler: Sampler, ranked: Sequence[Reward]) -> Neighbourhood:
        """The neighbourhood that these trials make, which come best first."""
        filling: list[float | None] = [None] * len(sampler.space)
        for each in ranked[:RECENT]:
            if None not in filling:
                break
            key = sampler.key(each.point)
            filling = [
                its if mine is None else mine for mine, its in zip(filling, key, strict=True)
            ]
        return cls(sampler, tuple(filling))

    def all(self, start: Reward) -> Iterator[dict[str, Value]]:
        """Every neighbour of a trial's point, and the point itself where no mending helps."""
        unit = self._unit(start)
        for at, place in self._changes(start, unit):
            yield self._moved(start, unit, at, place)

    def moves(
        self, start: Reward, generator: Generator, promise: Promise | None
    ) -> Iterator[dict[str, Value]]:
        """The same in random order, or with those of promise mostly first."""
        unit = self._unit(start)
        changes = self._changes(start, unit)
        generator.shuffle(changes)
        if promise is not None:
            # As draws without replacement would find them (Efraimidis & Spirakis 2006).
            keys = {
                change: math.log(1.0 - generator.random()) / max(promise.weight(*change), 1e-9)
                for change in changes
            }
            changes.sort(key=keys.__getitem__, reverse=True)
        for at, place in changes:
            yield self._moved(start, unit, at, place)

    def _unit(self, start: Reward) -> list[float]:
        key = self.sampler.key(start.point)
        pairs = zip(key, self.filling, strict=True)
        known = tuple(other if its is None else its for its, other in pairs)
        return self.sampler.filled(known, _own(start, "filling"))

    def _changes(self, start: Reward, unit: Sequence[float]) -> list[tuple[int, float]]:
        """Coordinates and their new places."""
        generator = _own(start, "steps")
        found: list[tuple[int, float]] = []
        for at, (coordinate, axis) in enumerate(
            zip(self.sampler.space, self.sampler.encoding.axes, strict=True)
        ):
            jitter = 0.75 + 0.5 * generator.random()
            if coordinate.id in start.point:
                found += [(at, place) for place in _places(axis, unit[at], jitter)]
        return found

    def _moved(
        self, start: Reward, unit: Sequence[float], at: int, place: float
    ) -> dict[str, Value]:
        moved = [place if each == at else old for each, old in enumerate(unit)]
        point = self.sampler.encoding.decode(moved)
        if is_feasible(self.sampler.space, point):
            return point
        return self.sampler.near(moved, _own(start, f"{at}/{place}"))


def _own(start: Reward, purpose: str) -> Generator:
    """Draws that belong to a trial, so that its neighbours are the same whenever it is asked."""
    return Generator(f"{start.trial}/{purpose}")  # noqa: S311


def _places(axis: Axis, place: float, jitter: float) -> list[float]:
    if isinstance(axis, Labels):
        own, count = axis.place(axis.decode(place)), len(axis.values)
        others = [at for at in range(count) if at != own]
        if axis.ordered:
            others = [at for at in others if abs(at - own).bit_count() == 1]
        return [(at + 0.5) / count for at in others]
    old = axis.decode(place)
    values = [
        axis.decode(place + far)
        for scale in SCALES
        for far in (-scale * jitter, scale * jitter)
        if 0.0 <= place + far <= 1.0
    ]
    if isinstance(axis, Grid):
        own = axis.index(float(old))
        values += [axis.value(at) for at in (own - 1, own + 1) if 0 <= at < axis.count]
    return [axis.encode(value) for value in dict.fromkeys(values) if value != old]
