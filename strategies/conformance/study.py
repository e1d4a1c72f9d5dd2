"""The study that a strategy is tried in: how it is made, driven and looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random as Generator

from omniforce.spec.space import Assignment, Space, validate

from ..points.encoding import Key
from ..points.sampling import Sampler
from ..protocol import Goal, Outcome, Problem, Reward, SearchStrategy
from .spaces import CONDITIONAL, figures

GOALS = (
    Goal("accuracy", "maximize"),
    Goal("latency", "minimize"),
    Goal("size", "minimize", 500.0),
)


class StudyOfAStrategy:
    """Says how the strategy is made, and drives it."""

    def strategy(self) -> SearchStrategy:
        """A new strategy, bound to nothing."""
        raise AttributeError(f"{type(self).__name__} must define `strategy`")

    def problem(
        self, space: Space = CONDITIONAL, seed: int = 1, goals: tuple[Goal, ...] = GOALS
    ) -> Problem:
        """What is searched here."""
        return Problem(space, goals, seed, budget=20)

    def next_points(
        self,
        rewards: Sequence[Reward],
        count: int,
        space: Space = CONDITIONAL,
        seed: int = 1,
        goals: tuple[Goal, ...] = GOALS,
    ) -> tuple[Assignment, ...]:
        """What a strategy built from nothing but these trials asks for."""
        bound = self.strategy().bind_space(self.problem(space, seed, goals))
        return bound.handle_rewards(rewards).generate_tasks(count)

    def study(self, trials: int, *, seed: int = 1) -> tuple[Reward, ...]:
        """A short study, two trials at once, all completed."""
        rewards: tuple[Reward, ...] = ()
        while len(rewards) < trials:
            points = self.next_points(rewards, min(2, trials - len(rewards)), seed=seed)
            rewards += completed(points, len(rewards))
        return rewards

    def goes_on(
        self,
        rewards: Sequence[Reward],
        space: Space = CONDITIONAL,
        goals: tuple[Goal, ...] = GOALS,
    ) -> tuple[Assignment, ...]:
        """Two valid points that no trial has had, the same ones when asked again."""
        points = self.next_points(rewards, 2, space, goals=goals)
        assert [validate(space, point) for point in points] == [(), ()]
        sampler = Sampler.of(space)
        known = {sampler.key(each.point) for each in rewards if sampler.holds(each.point)}
        new = {sampler.key(point) for point in points}
        assert len(new) == 2
        assert not new & known
        return points


def completed(points: Sequence[Assignment], first: int) -> tuple[Reward, ...]:
    """The points as completed trials, numbered from `first`."""
    return tuple(
        Reward(first + at, point, Outcome.COMPLETED, figures(point))
        for at, point in enumerate(points)
    )


@lru_cache(maxsize=8)
def drawn(trials: int, space: Space = CONDITIONAL) -> tuple[Assignment, ...]:
    """So many different points, for trials that no strategy has asked for."""
    sampler, generator = Sampler.of(space), Generator(0)  # noqa: S311
    found: dict[Key, Assignment] = {}
    while len(found) < trials:
        found |= {sampler.key(p): p for p in sampler.many(trials - len(found), generator)}
    return tuple(found.values())


def raises(expected: type[Exception], call: Callable[[], object]) -> bool:
    """Whether a call raises exactly this."""
    try:
        call()
    except expected:
        return True
    return False
