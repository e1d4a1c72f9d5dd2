"""Regularised evolution as it was published: Real et al. (2019), algorithm 1, P = S = 10.

The sample is drawn without replacement, so with S = P the best of the ten always breeds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from omniforce.spec.space import Assignment
from omniforce.strategies.points.encoding import Labels, places
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Problem

POPULATION = 10
SAMPLE = 10


@dataclass(slots=True)
class RegularisedEvolution:
    """Mutates one coordinate of the best of a sample of the youngest trials."""

    problem: Problem
    sampler: Sampler
    generator: Random
    population: deque[tuple[float, Assignment]] = field(
        default_factory=lambda: deque(maxlen=POPULATION)
    )

    @classmethod
    def of(cls, problem: Problem, given: int) -> RegularisedEvolution:
        """The youngest of what is given are the first population."""
        return cls(problem, Sampler.of(problem.space), Random(f"{problem.seed}/evolution"))

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """Children; random points until the population is full."""
        if len(self.population) < POPULATION:
            return tuple(self.sampler.many(count, self.generator))
        return tuple(self._child() for _ in range(count))

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """The youngest; the oldest dies."""
        goal = self.problem.goals[0]
        sign = 1.0 if goal.direction == "minimize" else -1.0
        self.population.append((sign * metrics[goal.metric], point))

    def _child(self) -> Assignment:
        drawn = self.generator.sample(list(self.population), SAMPLE)
        parent = min(drawn, key=lambda each: each[0])[1]
        encoding = self.sampler.encoding
        unit = list(encoding.encode(parent))
        active = [at for at, each in enumerate(self.problem.space) if each.id in parent]
        at = self.generator.choice(active)
        match encoding.axes[at]:
            case Labels() as axis:
                unit[at] = self.generator.choice([p for p in places(axis) if p != unit[at]])
            case _:
                unit[at] = self.generator.random()
        return encoding.decode(unit)
