"""SMAC3: random forests, log expected improvement, its facade for hyperparameters as it comes."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omniforce.spec.expression.tree import Compare, Expression, Literal_, Name, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.protocol import Problem

from ..searcher import Unavailable


@dataclass(slots=True)
class Smac:
    """One run of SMAC, asked and told."""

    problem: Problem
    optimizer: Any
    asked: dict[int, Any] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def of(cls, problem: Problem, given: int) -> Smac:
        """Its facade for hyperparameters; no design of its own where points are given."""
        try:
            from smac import HyperparameterOptimizationFacade, Scenario
        except ImportError as error:
            raise Unavailable(f"smac: {error}") from error
        if len(problem.goals) > 1:
            raise Unavailable("smac: one objective")
        logging.disable(logging.WARNING)
        warnings.filterwarnings("ignore", module="smac")
        folder = Path(tempfile.mkdtemp(prefix="smac-"))
        scenario = Scenario(
            _space(problem.space, problem.seed), deterministic=True, n_trials=problem.budget,
            seed=problem.seed, output_directory=folder,
        )  # fmt: skip
        facade = HyperparameterOptimizationFacade
        design = facade.get_initial_design(scenario, n_configs=0 if given else None)
        optimizer = facade(
            scenario,
            _nothing,
            initial_design=design,
            overwrite=True,
            logging_level=False,
        )
        return cls(problem, optimizer)

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """Its next configurations."""
        return tuple(self._suggested() for _ in range(count))

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """The cost of a trial; one that was not asked for becomes a configuration."""
        from ConfigSpace import Configuration
        from smac.runhistory import TrialInfo, TrialValue

        goal = self.problem.goals[0]
        cost = metrics[goal.metric] * (1.0 if goal.direction == "minimize" else -1.0)
        info = self.asked.pop(trial, None)
        if info is None:
            values = {each.id: _place(each, point[each.id]) for each in self._here(point)}
            space = self.optimizer.scenario.configspace
            info = TrialInfo(Configuration(space, values=values), seed=0)
            self.count = max(self.count, trial + 1)
        self.optimizer.tell(info, TrialValue(cost=cost), save=False)

    def _suggested(self) -> Assignment:
        info = self.optimizer.ask()
        self.asked[self.count] = info
        self.count += 1
        found = dict(info.config)
        return {each.id: _value(each, found[each.id]) for each in self._here(found)}

    def _here(self, point: Mapping[str, object]) -> list[Coordinate]:
        return [each for each in self.problem.space if each.id in point]


def _nothing(config: object, seed: int = 0) -> float:
    """What SMAC would minimise, were it to run the search by itself."""
    return 0.0


def _space(space: Space, seed: int) -> Any:
    from ConfigSpace import ConfigurationSpace

    made = ConfigurationSpace(seed=seed)
    variables = {each.id: _variable(each) for each in space}
    made.add(*variables.values())
    for coordinate in space:
        for condition in coordinate.conditions:
            made.add(_condition(variables, coordinate, condition))
    return made


def _condition(variables: Mapping[str, Any], coordinate: Coordinate, condition: Expression) -> Any:
    from ConfigSpace import EqualsCondition

    match condition:
        case Compare("==", Name(id=parent), Literal_(value=value)):
            return EqualsCondition(variables[coordinate.id], variables[parent], value)
        case _:
            raise Unavailable("smac: conditions other than equality were not put into its terms")


def _variable(coordinate: Coordinate) -> Any:
    from ConfigSpace import (
        CategoricalHyperparameter,
        OrdinalHyperparameter,
        UniformFloatHyperparameter,
        UniformIntegerHyperparameter,
    )

    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return OrdinalHyperparameter(coordinate.id, list(range(len(values))))
        case Choice(values=values):
            return CategoricalHyperparameter(coordinate.id, list(values))
        case IntRange(low=low, high=high, scale=scale):
            log = scale == "log"
            return UniformIntegerHyperparameter(coordinate.id, lower=low, upper=high, log=log)
        case FloatRange(low=low, high=high, scale=scale):
            log = scale == "log"
            return UniformFloatHyperparameter(coordinate.id, lower=low, upper=high, log=log)


def _value(coordinate: Coordinate, found: Any) -> Value:
    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return values[int(found)]
        case Choice(values=values):
            return values[values.index(found)]
        case IntRange():
            return int(found)
        case FloatRange():
            return float(found)


def _place(coordinate: Coordinate, value: Value) -> Value:
    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return values.index(value)
        case _:
            return value
