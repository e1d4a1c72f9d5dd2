"""Random points and perturbations of the best, about as many of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.space import Assignment

from ...points.encoding import Key
from ...points.sampling import Sampler
from ..parts import Field

REACHES = (0.03, 0.1, 0.3)
"""How far perturbed numbers move, as a share of their axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Draws as the priors of the space say, and neighbours of the elite."""

    name: ClassVar[str] = "mixed"

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        sampler = field.study.sampler
        spread = sampler.many(field.count, field.generator)
        each = max(field.count // max(len(field.elite), 1), 8)
        near = perturbed(sampler, field.elite, each, field.generator)
        return new(sampler, [*spread, *near], field.known)


def perturbed(
    sampler: Sampler, points: Iterable[Assignment], each: int, generator: Generator
) -> list[Assignment]:
    """`each` perturbations of every point."""
    return [
        sampler.neighbour(point, generator, REACHES[turn % len(REACHES)])
        for point in points
        for turn in range(each)
    ]


def new(sampler: Sampler, points: Sequence[Assignment], known: Set[Key]) -> list[Assignment]:
    """Those that are not known, in order, without repeats."""
    by_key = {sampler.key(point): point for point in points}
    return [point for key, point in by_key.items() if key not in known]
