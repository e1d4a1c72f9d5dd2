"""Multi-start L-BFGS: the best starts, each followed uphill along its active numbers.

Balandat et al. (2020), BoTorch: a framework for efficient Monte-Carlo Bayesian optimization; the
quasi-Newton steps are Byrd et al. (1995), A limited memory algorithm for bound constrained
optimization.
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
class LBFGS:
    """For smooth surrogates; choices and whole numbers stay as they start.

    Attributes:
        starts: how many points are followed.
        steps: iterations of each at most.
    """

    name: ClassVar[str] = "lbfgs"
    complete: ClassVar[bool] = False
    starts: int = 8
    steps: int = 60

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first; perturbations where the score has no slope."""
        race = Race(score, field, starts)
        found = climb(race, score, field, self.starts, self.steps)
        if not found or field.study.problem.space.constraints:
            # A constraint stops a climb at its edge, along which the best may lie.
            spread(race, field)
        return race.best()
