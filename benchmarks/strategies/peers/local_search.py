"""Local search, as in White et al. (2021), Exploring the loss landscape in NAS, section 3.

From the best of the first points: the neighbours in random order, moving on the first one that
is better; a new random start where no neighbour is. Neighbours differ in one coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from omniforce.spec.space import Assignment
from omniforce.strategies.points.encoding import Key, Labels, places
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Problem

STARTS = 10
"""Random points before the first climb, where none were given."""


@dataclass(slots=True)
class LocalSearch:
    """A climb over the first objective; sequential."""

    problem: Problem
    starts: int
    sampler: Sampler
    generator: Random
    told: list[tuple[float, Assignment]] = field(default_factory=list)
    summit: tuple[float, Assignment] | None = None
    neighbours: list[Assignment] = field(default_factory=list)
    known: set[Key] = field(default_factory=set)

    @classmethod
    def of(cls, problem: Problem, given: int) -> LocalSearch:
        """A climb that starts from what is given, or from random points of its own."""
        sampler = Sampler.of(problem.space)
        return cls(problem, given or STARTS, sampler, Random(f"{problem.seed}/local"))

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """The next neighbours; random points where a climb begins."""
        return tuple(self._next() for _ in range(count))

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """Moves on where the point is better."""
        goal = self.problem.goals[0]
        value = metrics[goal.metric] * (1.0 if goal.direction == "minimize" else -1.0)
        self.known.add(self.sampler.key(point))
        self.told.append((value, point))
        if len(self.told) < self.starts:
            return
        if len(self.told) == self.starts:
            self._climb(min(self.told, key=lambda each: each[0]))
        elif self.summit is None or value < self.summit[0]:
            self._climb((value, point))

    def _next(self) -> Assignment:
        while len(self.told) >= self.starts and self.neighbours:
            point = self.neighbours.pop()
            if self.sampler.key(point) not in self.known:
                return point
        self.summit = None
        return self.sampler.random(self.generator, self.known)

    def _climb(self, summit: tuple[float, Assignment]) -> None:
        self.summit, self.neighbours = summit, self._around(summit[1])
        self.generator.shuffle(self.neighbours)

    def _around(self, point: Assignment) -> list[Assignment]:
        encoding, found = self.sampler.encoding, list[Assignment]()
        unit = list(encoding.encode(point))
        for at, (coordinate, axis) in enumerate(
            zip(self.problem.space, encoding.axes, strict=True)
        ):
            if coordinate.id not in point:
                continue
            match axis:
                case Labels(ordered=False):
                    moves = [place for place in places(axis) if place != unit[at]]
                case Labels() if axis.count:
                    moves = [unit[at] - 1 / axis.count, unit[at] + 1 / axis.count]
                case _:
                    moves = [self.generator.gauss(unit[at], 0.2) for _ in range(4)]
            for move in moves:
                if 0.0 <= move <= 1.0:
                    found.append(encoding.decode([*unit[:at], move, *unit[at + 1 :]]))
        return found
