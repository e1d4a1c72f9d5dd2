"""Regularised evolution: the young breed, and age, not failure alone, ends a line.

Real et al. (2019), Regularized evolution for image classifier architecture search, section 3, on
typed, conditional and constrained spaces: a child is a feasible neighbour of its parent, and
several objectives and requirements are compared as in `ranking`. Rebuilt from the trials alone:
the population is the youngest trials that have figures, so failed and killed trials take nobody's
place, late results breed like others, and trials that are out are only not asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.space import Assignment

from .breeding import crossed
from .knowledge import Knowledge, bound
from .options import option
from .points.encoding import Key
from .points.sampling import Sampler
from .protocol import Outcome, Problem, Reward
from .ranking import is_told, standings

GENERATIONS = 2
"""How many batches may breed where many are asked for at once: a batch alone is no population."""

WALK = 24
"""Steps away from a parent whose neighbours are all known, before a child is drawn anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evolution:
    """Mutates the winner of a tournament among the youngest."""

    name: ClassVar[str] = "evolution"
    population: int | None = option(
        int, "how many of the youngest trials may breed; by the budget if left out", None, minimum=2
    )
    sample: int | None = option(
        int, "how many of them meet in a tournament; all if left out", None, minimum=1
    )
    reach: float = option(
        float, "how far a number moves, as a share of its range", 0.2, minimum=0.001
    )
    crossover: float = option(
        float, "how many of the children have two parents, as a share", 0.0, minimum=0.0
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Evolution:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Evolution:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points: children, or random ones while the population is small."""
        study = bound(self.study)
        told = [each for each in study.rewards if is_told(study.problem.goals, each)]
        out = sum(1 for each in study.rewards if each.outcome is Outcome.PENDING)
        enough = self.population or min(max(study.problem.budget // 8, 8), 64)
        young = told[-max(enough, 0 if self.population else GENERATIONS * (count + out)) :]
        # The best last, and of equals the youngest.
        ranks = standings(study.problem.goals, young)
        order = sorted(range(len(young)), key=lambda at: (ranks[at], -at), reverse=True)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            generator = study.generator(trial, self.name)
            if len(young) >= enough:
                parents = [young[order[self._winner(len(young), generator)]].point]
                if generator.random() < self.crossover:
                    parents.append(young[order[self._winner(len(young), generator)]].point)
                child = self._child(study.sampler, parents, generator, known)
                if child is not None:
                    return child
            return study.sampler.random(generator, known)

        return study.propose(count, draw)

    def _winner(self, size: int, generator: Generator) -> int:
        return max(generator.sample(range(size), min(self.sample or size, size)))

    def _child(
        self,
        sampler: Sampler,
        parents: Sequence[Assignment],
        generator: Generator,
        known: Set[Key],
    ) -> Assignment | None:
        point = parents[0]
        if len(parents) == 2:
            one, other = (sampler.key(each) for each in parents)
            between = crossed(sampler.encoding.axes, one, other, generator)
            point = sampler.near(sampler.filled(between, generator), generator)
            if sampler.key(point) not in known:
                return point
        for _ in range(WALK):
            point = sampler.neighbour(point, generator, self.reach, alone=True)
            if sampler.key(point) not in known:
                return point
        return None
