"""NSGA-II without waiting: the population is what selection has left of the trials so far.

Deb et al. (2002), A fast and elitist multiobjective genetic algorithm: fronts, crowding within a
front, binary tournaments, elitist survival; what keeps the requirements comes first. Trials join in
the order of their number, and whenever as many as the population have joined the best remain, so
that the generations follow from the trials alone. As in its steady-state form (Durillo et al. 2009)
whoever has figures may breed at once; nobody waits for a generation to fill.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.space import Assignment

from .breeding import crossed, mutated
from .knowledge import Knowledge, bound
from .options import option
from .points.encoding import Key
from .protocol import Goal, Problem, Reward
from .ranking import best_first, is_told

ATTEMPTS = 24
"""Children that turn out to be known, before the nearest new point is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nsga2:
    """Crosses and changes the winners of tournaments among the fittest so far."""

    name: ClassVar[str] = "nsga2"
    population: int | None = option(
        int, "how many trials survive a generation; by the budget if left out", None, minimum=2
    )
    crossover: float = option(
        float, "how many of the children have two parents, as a share", 0.9, minimum=0.0
    )
    study: Knowledge | None = None

    def bind_space(self, problem: Problem) -> Nsga2:
        """This strategy for one problem."""
        return replace(self, study=Knowledge.of(problem))

    def handle_rewards(self, rewards: Sequence[Reward]) -> Nsga2:
        """This strategy knowing exactly these trials."""
        return replace(self, study=bound(self.study).knowing(rewards))

    def generate_tasks(self, count: int) -> tuple[Assignment, ...]:
        """Up to `count` new points: children, or random ones while the population is small."""
        study = bound(self.study)
        size = self.population or min(max(study.problem.budget // 8, 8), 50)
        fit = survivors(study.problem.goals, study.rewards, size)

        def draw(trial: int, known: Set[Key]) -> Assignment:
            generator = study.generator(trial, self.name)
            if len(fit) < size:
                return study.sampler.random(generator, known)
            return self._child(study, fit, generator, known)

        return study.propose(count, draw)

    def _child(
        self, study: Knowledge, fit: Sequence[Reward], generator: Generator, known: Set[Key]
    ) -> Assignment:
        sampler = study.sampler
        axes = sampler.encoding.axes
        places: list[float] = []
        for _ in range(ATTEMPTS):
            key = sampler.key(_winner(fit, generator).point)
            if generator.random() < self.crossover:
                key = crossed(axes, key, sampler.key(_winner(fit, generator).point), generator)
            places = sampler.filled(key, generator)
            before = sampler.key(sampler.encoding.decode(places))
            active = [at for at, place in enumerate(before) if place is not None]
            places = mutated(axes, places, active, generator)
            point = sampler.near(places, generator)
            if sampler.key(point) not in known:
                return point
        return sampler.near(places, generator, known)


def survivors(goals: Sequence[Goal], rewards: Sequence[Reward], size: int) -> list[Reward]:
    """The fittest, best first; at least `size` of them once so many trials have figures."""
    told = [each for each in rewards if is_told(goals, each)]
    fit: list[Reward] = []
    for first in range(0, len(told), size):
        fit = best_first(goals, [*fit, *told[first : first + size]])[:size]
    return fit


def _winner(fit: Sequence[Reward], generator: Generator) -> Reward:
    """The better of two, which stand in order."""
    return fit[min(generator.randrange(len(fit)), generator.randrange(len(fit)))]
