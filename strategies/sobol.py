"""Sobol search: points that fill the space more evenly than random ones.

Owen (1998), Scrambling Sobol' and Niederreiter-Xing points.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from omniforce.spec.space import Assignment

from .knowledge import Knowledge, bound
from .points.encoding import Key
from .protocol import Problem, Reward
from .sobol_sequence import sobol_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sobol:
    """Gives trial n the n-th point of one scrambled sequence, moved where it is infeasible.

    The spec's defaults, where there are any, stand in the place of point 0.
    """

    name: ClassVar[str] = "sobol"
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Sobol:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Sobol:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points."""
        study = bound(self.study)
        cube = sobol_points(study, study.next_trial, count)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            place = study.sampler.expected(cube[trial - study.next_trial])
            return study.sampler.near(place, study.generator(trial, "sobol"), known)

        return study.propose(count, draw)


def sobol_points(study: Knowledge, first: int, count: int) -> list[list[float]]:
    """Points `first`, `first + 1`, ... of the study's own sequence in the unit cube."""
    dimensions = max(len(study.problem.space), 1)
    return sobol_sequence(dimensions, study.problem.seed, first, count)
