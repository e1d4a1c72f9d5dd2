"""hyperopt's TPE. Flat spaces only: a condition would have to become a nested choice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange
from omniforce.strategies.protocol import Problem

from ..searcher import Unavailable


@dataclass(slots=True)
class Hyperopt:
    """One `Trials` that is extended by hand, as `FMinIter` does it."""

    problem: Problem
    domain: Any
    trials: Any
    startup: int
    asked: dict[int, Any] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def of(cls, problem: Problem, given: int) -> Hyperopt:
        """TPE as it comes; the random points that are given count among its first ones."""
        try:
            import hyperopt
            from hyperopt.base import Domain
        except ImportError as error:
            raise Unavailable(f"hyperopt: {error}") from error
        if len(problem.goals) > 1 or any(each.conditions for each in problem.space):
            raise Unavailable("hyperopt: one objective and no conditions")
        space = {each.id: _variable(each) for each in problem.space}
        domain = Domain(_nothing, space)
        return cls(problem, domain, hyperopt.Trials(), given or 20)

    def ask(self, count: int) -> tuple[Assignment, ...]:
        """TPE's suggestions, one after the other."""
        return tuple(self._suggested() for _ in range(count))

    def tell(self, trial: int, point: Assignment, metrics: Mapping[str, float]) -> None:
        """The loss of a trial; one that was not asked for is put among them."""
        goal = self.problem.goals[0]
        loss = metrics[goal.metric] * (1.0 if goal.direction == "minimize" else -1.0)
        document = self.asked.pop(trial, None) or self._document(trial, point)
        document["state"] = 2
        document["result"] = {"status": "ok", "loss": loss}
        self.count = max(self.count, trial + 1)
        self.trials.insert_trial_doc(document)
        self.trials.refresh()

    def _suggested(self) -> Assignment:
        from hyperopt import tpe

        seed = self.problem.seed * 1_000 + self.count
        documents = tpe.suggest(
            self.trials.new_trial_ids(1), self.domain, self.trials, seed,
            n_startup_jobs=self.startup, verbose=False,
        )  # fmt: skip
        document = documents[0]
        self.asked[self.count] = document
        self.count += 1
        found = document["misc"]["vals"]
        return {each.id: _value(each, found[each.id][0]) for each in self.problem.space}

    def _document(self, trial: int, point: Assignment) -> Any:
        ident = self.trials.new_trial_ids(1)[0]
        names = [each.id for each in self.problem.space]
        misc = {
            "tid": ident,
            "cmd": ("domain_attachment", "FMinIter_Domain"),
            "idxs": {name: [ident] for name in names},
            "vals": {each.id: [_place(each, point[each.id])] for each in self.problem.space},
        }
        return self.trials.new_trial_docs([ident], [None], [{"status": "new"}], [misc])[0]


def _nothing(_: object) -> float:
    """What hyperopt would minimise, were it to run the search by itself."""
    return 0.0


def _variable(coordinate: Coordinate) -> Any:
    from hyperopt import hp

    match coordinate.domain:
        case Choice(values=values, ordered=True):
            return hp.uniformint(coordinate.id, 0, len(values) - 1)
        case Choice(values=values):
            return hp.choice(coordinate.id, list(range(len(values))))
        case IntRange(low=low, high=high, scale="linear"):
            return hp.uniformint(coordinate.id, low, high)
        case IntRange(low=low, high=high):
            return hp.qloguniform(coordinate.id, math.log(low), math.log(high), 1)
        case FloatRange(low=low, high=high, scale="linear"):
            return hp.uniform(coordinate.id, low, high)
        case FloatRange(low=low, high=high):
            return hp.loguniform(coordinate.id, math.log(low), math.log(high))


def _value(coordinate: Coordinate, place: Any) -> Value:
    match coordinate.domain:
        case Choice(values=values):
            return values[int(place)]
        case IntRange(low=low, high=high):
            return min(max(round(float(place)), low), high)
        case FloatRange():
            return float(place)


def _place(coordinate: Coordinate, value: Value) -> Value:
    match coordinate.domain:
        case Choice(values=values):
            return values.index(value)
        case _:
            return value
