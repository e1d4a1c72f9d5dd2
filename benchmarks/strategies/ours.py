"""A strategy of ours as a searcher: rebuilt from all its trials at every call, as in a study.

It is written `name`, or `name:option=value,option=value`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment
from omniforce.strategies.choosing import Situation, choose
from omniforce.strategies.options import UnknownStrategy
from omniforce.strategies.protocol import Outcome, Problem, Reward, SearchStrategy
from omniforce.strategies.table import make

from .searcher import Unavailable


@dataclass(slots=True)
class Ours:
    """One study's strategy, and the trials it knows of."""

    strategy: SearchStrategy
    rewards: list[Reward] = field(default_factory=list)

    @classmethod
    def of(cls, written: str, problem: Problem) -> Ours:
        """The searcher that is written so.

        Raises:
            Unavailable: there is no such strategy.
        """
        try:
            strategy = make(choice(written, problem))
        except UnknownStrategy as error:
            raise Unavailable(str(error)) from error
        return cls(strategy.bind_space(problem))

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """The strategy's next points, which are pending from now on."""
        points = self.strategy.handle_rewards(self.rewards).generate_tasks(count)
        for point in points:
            self.rewards.append(Reward(len(self.rewards), point, Outcome.PENDING, {}))
        return points

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """A completed trial, one that was asked for or one that the bench gives."""
        reward = Reward(trial, point, Outcome.COMPLETED, metrics)
        if trial == len(self.rewards):
            self.rewards.append(reward)
        else:
            self.rewards[trial] = reward


def choice(written: str, problem: Problem) -> StrategyChoice:
    """The strategy and the options that are written; `auto` as the compiler would resolve it."""
    name, _, rest = written.partition(":")
    if name == "auto":
        return _resolved(problem)
    pairs = (each.partition("=") for each in rest.split(",") if each)
    return StrategyChoice(name, tuple((key, _value(text)) for key, _, text in pairs))


def _resolved(problem: Problem) -> StrategyChoice:
    objectives = sum(goal.bound is None for goal in problem.goals)
    past = bool(problem.past)
    situation = Situation(problem.space, objectives, problem.budget, problem.parallelism, past)
    return StrategyChoice(choose(situation).name)


def _value(text: str) -> Value:
    try:
        value: Value = json.loads(text)
    except json.JSONDecodeError:
        return text
    return value
