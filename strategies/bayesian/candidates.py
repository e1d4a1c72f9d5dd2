"""What competes for a suggestion: feasible points, none of them known, each only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from random import Random as Generator

from omniforce.spec.space import Assignment

from ..encoding import Key
from ..sampling import Sampler

REACHES = (0.03, 0.1, 0.3)
"""How far perturbed numbers move, as a share of their axis."""


def pool(
    sampler: Sampler, elite: Sequence[Assignment], known: Set[Key], count: int, generator: Generator
) -> list[Assignment]:
    """Random points, and perturbations of the elite about as many.

    Raises:
        EmptySpace: nothing is feasible.
    """
    spread = sampler.many(count, generator)
    each = max(count // max(len(elite), 1), 8)
    return new(sampler, [*spread, *perturbed(sampler, elite, each, generator)], known)


def perturbed(
    sampler: Sampler, points: Iterable[Assignment], each: int, generator: Generator
) -> list[Assignment]:
    """`each` perturbations of every point."""
    return [
        sampler.neighbour(point, generator, REACHES[turn % len(REACHES)])
        for point in points
        for turn in range(each)
    ]


def new(sampler: Sampler, points: Iterable[Assignment], known: Set[Key]) -> list[Assignment]:
    """Those that are not known, in order, without repeats."""
    by_key = {sampler.key(point): point for point in points}
    return [point for key, point in by_key.items() if key not in known]
