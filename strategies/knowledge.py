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
    """A problem and its trials.

    Attributes:
        problem: what is searched.
        sampler: of its space.
        rewards: the trials in order of their number, without those whose points are none of the
            space, such as trials from before a change of the spec.
        next_trial: the number that the next point's trial will have.
    """

    problem: Problem
    sampler: Sampler = field(compare=False, repr=False)
    rewards: tuple[Reward, ...] = ()
    next_trial: int = 0

    @classmethod
    def of(cls, problem: Problem) -> Knowledge:
        """A study without a trial."""
        return cls(problem, Sampler.of(problem.space))

    def knowing(self, rewards: Sequence[Reward]) -> Knowledge:
        """The same study with exactly these trials."""
        kept = tuple(each for each in rewards if self.sampler.holds(each.point))
        return replace(self, rewards=kept, next_trial=rewards[-1].trial + 1 if rewards else 0)

    def generator(self, trial: int, purpose: str) -> Generator:
        """The random numbers of one trial's point; `purpose` keeps two uses apart."""
        return Generator(f"{self.problem.seed}/{trial}/{purpose}")  # noqa: S311

    def known(self) -> set[Key]:
        """The keys of all points that were proposed."""
        return {self.sampler.key(reward.point) for reward in self.rewards}

    def propose(self, count: int, draw: Draw) -> tuple[Assignment, ...]:
        """Up to `count` points, each drawn knowing the ones before it; the spec's defaults first.

        Raises:
            SpaceExhausted: not even one is left.
            EmptySpace: nothing is feasible.
        """
        known, points = self.known(), list[Assignment]()
        for trial in range(self.next_trial, self.next_trial + count):
            try:
                point = self._first(known) if trial == 0 else None
                point = draw(trial, known) if point is None else point
            except SpaceExhausted:
                if points:
                    break
                raise
            known.add(self.sampler.key(point))
            points.append(point)
        return tuple(points)

    def _first(self, known: Set[Key]) -> Assignment | None:
        return self.sampler.default(self.generator(0, "default"), known)


def bound(study: Knowledge | None) -> Knowledge:
    """The study of a bound strategy.

    Raises:
        NotBound: there is none.
    """
    if study is None:
        raise NotBound("call `bind_space` first")
    return study
