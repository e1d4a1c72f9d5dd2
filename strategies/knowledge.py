"""What a strategy knows of its study: the problem, and every trial so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from random import Random as Generator

from omniforce.spec.space import Assignment

from .encoding import Key
from .protocol import Problem, Reward, SpaceExhausted
from .sampling import Sampler

Draw = Callable[[int, Set[Key]], Assignment]
"""Makes the point of one trial, by its number, given the keys of all points before it."""


class NotBound(Exception):  # noqa: N818
    """A strategy was asked for points before `bind_space` gave it a problem."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A problem and its trials, in order of their number."""

    problem: Problem
    sampler: Sampler = field(compare=False, repr=False)
    rewards: tuple[Reward, ...] = ()

    @classmethod
    def of(cls, problem: Problem) -> Knowledge:
        """A study without a trial."""
        return cls(problem, Sampler.of(problem.space))

    def knowing(self, rewards: Sequence[Reward]) -> Knowledge:
        """The same study with exactly these trials."""
        return replace(self, rewards=tuple(rewards))

    @property
    def next_trial(self) -> int:
        """The number that the next point's trial will have."""
        return self.rewards[-1].trial + 1 if self.rewards else 0

    def generator(self, trial: int, purpose: str) -> Generator:
        """The random numbers of one trial's point; `purpose` keeps two uses apart."""
        return Generator(f"{self.problem.seed}/{trial}/{purpose}")  # noqa: S311

    def known(self) -> set[Key]:
        """The keys of all points that were proposed."""
        return {self.sampler.key(reward.point) for reward in self.rewards}

    def propose(self, count: int, draw: Draw) -> tuple[Assignment, ...]:
        """Up to `count` points, each drawn knowing the ones before it.

        Raises:
            SpaceExhausted: not even one is left.
            EmptySpace: nothing is feasible.
        """
        known, points = self.known(), list[Assignment]()
        for trial in range(self.next_trial, self.next_trial + count):
            try:
                point = draw(trial, known)
            except SpaceExhausted:
                if points:
                    break
                raise
            known.add(self.sampler.key(point))
            points.append(point)
        return tuple(points)


def bound(study: Knowledge | None) -> Knowledge:
    """The study of a bound strategy.

    Raises:
        NotBound: there is none.
    """
    if study is None:
        raise NotBound("call `bind_space` first")
    return study
