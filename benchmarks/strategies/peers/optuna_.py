"""Optuna's samplers: TPE as it comes, the Gaussian process, and NSGA-II.

Spaces are defined by running: only what is active is suggested. An ordinal is an integer, its
place in the list, so that Optuna sees its order.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from omniforce.spec.expression.tree import Direction, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange, is_active
from omniforce.strategies.protocol import Problem

from ..searcher import Unavailable

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

Kind = Literal["tpe", "gp", "nsga2"]


@dataclass(slots=True)
class Optuna:
    """One study in memory."""

    problem: Problem
    study: Study
    asked: dict[int, Trial] = field(default_factory=dict)
    trials: int = 0

    @classmethod
    def of(cls, kind: Kind, problem: Problem, given: int) -> Optuna:
        """A study with the sampler of that name, its options as Optuna sets them."""
        try:
            import optuna
        except ImportError as error:
            raise Unavailable(f"optuna-{kind}: {error}") from error
        warnings.filterwarnings("ignore", module="optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler: BaseSampler
        match kind:
            case "tpe":
                sampler = optuna.samplers.TPESampler(seed=problem.seed)
            case "gp":
                _one_thread()
                sampler = optuna.samplers.GPSampler(seed=problem.seed)
            case "nsga2":
                sampler = optuna.samplers.NSGAIISampler(seed=problem.seed)
        directions: list[Direction] = [goal.direction for goal in problem.goals]
        return cls(problem, optuna.create_study(directions=directions, sampler=sampler))

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """The sampler's suggestions, coordinate by coordinate."""
        return tuple(self._suggested() for _ in range(count))

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """The objectives of a trial; one that was not asked for is added."""
        values = [metrics[goal.metric] for goal in self.problem.goals]
        if trial in self.asked:
            self.study.tell(self.asked.pop(trial), values)
            return
        self.trials = max(self.trials, trial + 1)
        self.study.add_trial(self._told(point, values))

    def _suggested(self) -> Assignment:
        trial, point = self.study.ask(), dict[str, Value]()
        self.asked[self.trials] = trial
        self.trials += 1
        for coordinate in self.problem.space:
            if is_active(coordinate, point):
                point[coordinate.id] = _suggestion(trial, coordinate)
        return point

    def _told(self, point: Assignment, values: list[float]) -> Any:
        import optuna

        here = [each for each in self.problem.space if each.id in point]
        return optuna.trial.create_trial(
            params={each.id: _place(each, point[each.id]) for each in here},
            distributions={each.id: _distribution(each) for each in here},
            values=values,
        )


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _distribution(coordinate: Coordinate) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return IntDistribution(0, len(values) - 1)
        case Choice(values=values):
            return CategoricalDistribution(values)
        case IntRange(low=low, high=high, scale=scale, step=step):
            return IntDistribution(low, high, log=scale == "log", step=step)
        case FloatRange(low=low, high=high, scale=scale, step=step):
            return FloatDistribution(low, high, log=scale == "log", step=step)


def _suggestion(trial: Trial, coordinate: Coordinate) -> Value:
    name = coordinate.id
    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return values[trial.suggest_int(name, 0, len(values) - 1)]
        case Choice(values=values):
            return values[values.index(trial.suggest_categorical(name, values))]
        case IntRange(low=low, high=high, scale=scale, step=step):
            return trial.suggest_int(name, low, high, log=scale == "log", step=step)
        case FloatRange(low=low, high=high, scale=scale, step=step):
            return trial.suggest_float(name, low, high, log=scale == "log", step=step)


def _place(coordinate: Coordinate, value: Value) -> Value:
    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return values.index(value)
        case _:
            return value
