"""What a strategy knows of its study: the problem, and every trial so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from random import Random as Generator

from omniforce.spec.space import Assignment

from .past.portfolio import MOST as MOST_FIRST
from .past.portfolio import first_points
from .points.encoding import Key
from .points.sampling import Sampler
from .protocol import Problem, Reward, SpaceExhausted

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
        """Up to `count` points, each drawn knowing the ones before it.

        The spec's defaults come first, then what did well in past studies.

        Raises:
            SpaceExhausted: not even one is left.
            EmptySpace: nothing is feasible.
        """
        known, points = self.known(), list[Assignment]()
        for trial in range(self.next_trial, self.next_trial + count):
            try:
                point = self._first(trial, known)
                point = draw(trial, known) if point is None else point
            except SpaceExhausted:
                if points:
                    break
                raise
            known.add(self.sampler.key(point))
            points.append(point)
        return tuple(points)

    def _first(self, trial: int, known: Set[Key]) -> Assignment | None:
        if trial == 0:
            default = self.sampler.default(self.generator(0, "default"), known)
            if default is not None:
                return default
        if trial > MOST_FIRST or not self.problem.past:
            return None
        return self._learned(trial, known)

    def _learned(self, trial: int, known: Set[Key]) -> Assignment | None:
        """What past studies say of this trial, the one after the defaults where there are some."""
        points = first_points(self.problem, self.sampler)
        at = trial - any(each.default is not None for each in self.problem.space)
        if not 0 <= at < len(points) or self.sampler.key(points[at]) in known:
            return None
        return points[at]


def bound(study: Knowledge | None) -> Knowledge:
    """The study of a bound strategy.

    Raises:
        NotBound: there is none.
    """
    if study is None:
        raise NotBound("call `bind_space` first")
    return study
