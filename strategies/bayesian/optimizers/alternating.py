"""Alternating search for mixed spaces: changes of any coordinate, then uphill along the numbers.

Daulton et al. (2022), Bayesian optimization over discrete and mixed spaces via probabilistic
reparameterization, whose baseline of interleaved discrete and continuous steps this is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from omniforce.spec.space import Assignment

from ..parts import Field, Score
from .climbing import climb
from .local_search import spread
from .race import Race


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternating:
    """Takes both kinds of steps in turns.

    Attributes:
        rounds: how many turns each kind has.
        starts: how many points are followed uphill in one turn.
        steps: iterations of each at most.
    """

    name: ClassVar[str] = "alternating"
    complete: ClassVar[bool] = False
    rounds: int = 3
    starts: int = 4
    steps: int = 30

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first."""
        race = Race(score, field, starts)
        for _ in range(self.rounds):
            found = spread(race, field)
            found += climb(race, score, field, self.starts, self.steps)
            if not found:
                break
        return race.best()
