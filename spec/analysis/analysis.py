"""All that is said of a space: how large it is, how much of it takes part, how much is feasible."""

from __future__ import annotations

import math
from random import Random

from ..frozen import dataclass
from ..space import Space, cardinality, violated
from .census import Census, census
from .draw import draw
from .hints import hint
from .proof import conflict

DRAWS = 20_000
"""Random points of an estimate: a share of one half is then known to 0.35 %."""

EFFORT = 4_000_000
"""Coordinates that all draws of an estimate may come to."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its standard error; 0 where it was counted and not estimated."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class ParameterFacts:
    """One parameter of the space.

    Attributes:
        places: how many values it is, arrays written out.
        active: how many of them take part, on average.
        hint: advice on its scale; empty for none.
    """

    name: str
    places: int
    active: float
    hint: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What can be said of a space before anything runs.

    Attributes:
        parameters: in the order of the space.
        coordinates: how many numbers and choices there are, arrays written out.
        combinations: points of the discrete part that are not told apart by numbers of a continuum;
            None where they could not be counted.
        dimensions: the fewest and the most coordinates of a continuum in one point; `(0, 0)` for a
            finite space, whose cardinality `combinations` is; None where it could not be counted.
        feasible_combinations: as `combinations`, with the constraints; None without constraints.
        active: coordinates that take part in a random point.
        feasible: the share of random points that keep every constraint; None without constraints.
        conflict: positions in the space's constraints of few that cannot hold together.
    """

    parameters: tuple[ParameterFacts, ...]
    coordinates: int
    combinations: int | None
    dimensions: tuple[int, int] | None
    feasible_combinations: int | None
    active: Estimate
    feasible: Estimate | None
    conflict: tuple[int, ...]


def analyze(space: Space, seed: int = 0) -> Analysis:
    """The analysis of a space, counted where that is possible and estimated elsewhere.

    Each coordinate's values are taken to be as likely as each other on its own scale.

    Args:
        space: with its constraints.
        seed: of the draws.
    """
    whole = census(space, constrained=False)
    kept = census(space, constrained=True) if space.constraints else None
    sample = None if whole and (kept or not space.constraints) else _Sample.of(space, seed)
    chances = whole.active if whole else sample.chances if sample else {}
    places: dict[str, list[float]] = {}
    hints: dict[str, str] = {}
    lists = {composite.name for composite in space.composites}
    for coordinate in space.coordinates:
        if coordinate.name in lists and coordinate.index[-1] > 0:
            continue  # a list is one value, whatever it is made of
        places.setdefault(coordinate.name, []).append(chances.get(coordinate.id, 0.0))
        hints[coordinate.name] = hint(coordinate.domain)
    feasible = _feasible(space, kept, sample)
    return Analysis(
        tuple(ParameterFacts(n, len(each), sum(each), hints[n]) for n, each in places.items()),
        len(space),
        whole.combinations if whole else _unconditional(space),
        whole.dimensions if whole else None,
        kept.combinations if kept else None,
        sample.active if sample else Estimate(sum(chances.values()), 0.0),
        feasible,
        conflict(space.coordinates, [[c] for c in space.constraints])
        if feasible is not None and feasible.value == 0.0
        else (),
    )


def _unconditional(space: Space) -> int | None:
    if any(c.conditions for c in space.coordinates):
        return None
    return math.prod(cardinality(c.domain) or 1 for c in space.coordinates)


def _feasible(space: Space, kept: Census | None, sample: _Sample | None) -> Estimate | None:
    if not space.constraints:
        return None
    if kept is not None:
        return Estimate(kept.share, 0.0)
    return sample.feasible if sample else None


@dataclass(frozen=True, slots=True)
class _Sample:
    """What random points say."""

    chances: dict[str, float]
    active: Estimate
    feasible: Estimate

    @classmethod
    def of(cls, space: Space, seed: int) -> _Sample:
        generator = Random(seed)  # noqa: S311 - an estimate, and no secret
        draws = max(200, min(DRAWS, EFFORT // max(len(space), 1)))
        chances: dict[str, float] = {}
        total, squares, good = 0, 0, 0
        for _ in range(draws):
            point = draw(space, generator)
            for each in point:
                chances[each] = chances.get(each, 0.0) + 1.0 / draws
            total += len(point)
            squares += len(point) ** 2
            good += not violated(space, point)
        mean = total / draws
        spread = math.sqrt(max(squares / draws - mean**2, 0.0) / draws)
        share = good / draws
        # Of no hit or only hits, the share that would have given one with a chance of a third.
        error = math.sqrt(share * (1 - share) / draws) or 1.0 / draws
        return cls(chances, Estimate(mean, spread), Estimate(share, error))
