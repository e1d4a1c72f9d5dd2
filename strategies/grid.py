"""Grid search: every place of a finite grid once, coarse before fine.

    a choice, a whole number, a number with a step    all of its values
    any other number                                  `points` places, by its scale and its prior

The grid is gone through level by level. On the first, every number stands at its default or in its
middle; each level halves the gaps; choices have all their values from the start. Within a level the
places come as a Sobol sequence meets them, so that a search that is cut short has been everywhere
about equally; then come those that it has not met. Nothing is listed: places are computed one by
one, and a search goes through them until it finds one that is not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Coordinate, is_feasible

from .knowledge import Knowledge, bound
from .options import option
from .points.encoding import Axis, Key, Labels
from .points.encoding import Grid as Evenly
from .points.priors import Spread
from .protocol import EmptySpace, Problem, Reward, SpaceExhausted
from .sobol_sequence import BITS, sobol_sequence

PATIENCE = 500
"""Places in a row that are infeasible or stand for one point, before one is searched for."""

LISTED = 1_024
"""Values of a number that a grid has at most; of a longer one it takes so many, evenly."""

CHUNK = 128
"""Places of the Sobol sequence that are computed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Asks for the next place of the grid that is feasible and not known."""

    name: ClassVar[str] = "grid"
    points: int = option(
        int, "places on the axis of a number that has no step, its ends among them", 5, minimum=1
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Grid:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Grid:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new places of the grid; the spec's defaults come first."""
        study = bound(self.study)
        sampler = study.sampler
        levels = [
            _levels(coordinate, axis, spread, self.points)
            for coordinate, axis, spread in zip(
                sampler.space, sampler.encoding.axes, sampler.spreads, strict=True
            )
        ]
        order = _order(levels, Generator(f"{study.problem.seed}/{self.name}"))  # noqa: S311

        def draw(_: int, known: Set[Key]) -> Assignment:
            seen: set[Key] = set()
            waste = 0
            for places in order:
                point = sampler.encoding.decode(places)
                key = sampler.key(point)
                if is_feasible(sampler.space, point) and key not in known:
                    return point
                # A known place is progress; a second one of its kind, or an infeasible one, is not.
                waste = 0 if key in known and key not in seen else waste + 1
                seen.add(key)
                if waste > PATIENCE:
                    break
            return self._searched(study, levels, known)

        return study.propose(count, draw)

    def _searched(
        self, study: Knowledge, levels: Sequence[Sequence[Sequence[float]]], known: Set[Key]
    ) -> Assignment:
        axes = study.sampler.encoding.axes
        values: list[list[Value]] = [
            [axis.decode(place) for level in each for place in level]
            for axis, each in zip(axes, levels, strict=True)
        ]
        try:
            return study.sampler.among(values, known)
        except SpaceExhausted:
            raise SpaceExhausted("every place of the grid has been proposed") from None
        except EmptySpace:
            if known:
                raise SpaceExhausted("every place of the grid has been proposed") from None
            raise EmptySpace(
                "no place of the grid satisfies all constraints, as far as could be found"
            ) from None


def _levels(
    coordinate: Coordinate, axis: Axis, spread: Spread | None, points: int
) -> list[list[float]]:
    """The places on an axis by level; each of them comes once."""
    default = None if coordinate.default is None else axis.encode(coordinate.default)
    if isinstance(axis, Labels):
        return [[axis.encode(value) for value in axis.values]]
    if isinstance(axis, Evenly):
        count = min(axis.count, LISTED)
        step = (axis.count - 1) / max(count - 1, 1)
        places = [axis.encode(axis.value(round(at * step))) for at in range(count)]
    else:
        shares = [at / (points - 1) for at in range(points)] if points > 1 else [0.5]
        places = [share if spread is None else spread.place(share) for share in shares]
    if default is not None:
        nearest = min(range(len(places)), key=lambda at: abs(places[at] - default))
        places[nearest] = default
        first = nearest
    else:
        first = len(places) // 2
    found, taken, gap = [[places[first]]], {first}, 1 << max((len(places) - 1).bit_length() - 1, 0)
    while len(taken) < len(places):
        new = [at for at in range(first % gap, len(places), gap) if at not in taken]
        if gap > 1 and not new:
            gap //= 2
            continue
        found.append([places[at] for at in new])
        taken.update(new)
        gap = max(gap // 2, 1)
    return found


def _order(
    levels: Sequence[Sequence[Sequence[float]]], generator: Generator
) -> Iterator[list[float]]:
    """All places of the grid in the unit cube; some of them twice."""
    before = [0] * len(levels)
    for depth in range(max(map(len, levels), default=0)):
        reached = [[place for level in each[: depth + 1] for place in level] for each in levels]
        sizes = [len(each) for each in reached]
        for digits in _digits(sizes, generator.getrandbits(32)):
            if depth == 0 or any(d >= b for d, b in zip(digits, before, strict=True)):
                yield [each[digit] for each, digit in zip(reached, digits, strict=True)]
        before = sizes


def _digits(sizes: Sequence[int], seed: int) -> Iterator[list[int]]:
    """All numbers whose digits are below these sizes, evenly spread, then those that are left."""
    total = math.prod(sizes)
    for first in range(0, min(total, 2**BITS), CHUNK):
        for cube in sobol_sequence(max(len(sizes), 1), seed, first, min(CHUNK, total - first)):
            yield [int(place * size) for place, size in zip(cube, sizes, strict=False)]
    stride = _coprime(int(total * 0.6180339887498949), total)
    for at in range(total):
        digits, rest = list[int](), at * stride % total
        for size in sizes:
            rest, digit = divmod(rest, size)
            digits.append(digit)
        yield digits


def _coprime(wanted: int, total: int) -> int:
    """The nearest number above that shares no factor with the total: a stride that misses none."""
    stride = max(wanted, 1)
    while math.gcd(stride, total) != 1:
        stride += 1
    return stride
