"""Local search: perturbs the best few points, and again whatever that found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from omniforce.spec.space import Assignment

from ..generators.mixed import perturbed
from ..parts import Field, Score
from .race import Race

BEST = 8
TWINS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSearch:
    """For spaces of any kind; needs no slopes.

    Attributes:
        rounds: how often the best are perturbed.
    """

    name: ClassVar[str] = "local-search"
    complete: ClassVar[bool] = False
    rounds: int = 3

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first."""
        race = Race(score, field, starts)
        for _ in range(self.rounds):
            if not spread(race, field):
                break
        return race.best()


def spread(race: Race, field: Field) -> int:
    """Enters perturbations of the best points; says how many were new."""
    sampler = field.study.sampler
    return race.enter(perturbed(sampler, race.best(BEST), TWINS, field.generator))
