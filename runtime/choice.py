"""Which trials are good: feasible ones, the Pareto front, and the one whose model is wanted."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from omniforce.spec.expression.evaluate import evaluate
from omniforce.spec.expression.tree import (
    BestModel,
    Goal,
    KneeModel,
    ModelChoice,
    Objective,
    ParetoModel,
    Requirement,
    WeightedModel,
)

from .store.trial import Trial

_KEEPS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def objectives(goals: Sequence[Goal]) -> tuple[Objective, ...]:
    """What is to be made best, in the order of the spec."""
    return tuple(goal for goal in goals if isinstance(goal, Objective))


def requirements(goals: Sequence[Goal]) -> tuple[Requirement, ...]:
    """What must be kept, in the order of the spec."""
    return tuple(goal for goal in goals if isinstance(goal, Requirement))


def metric_keys(goals: Sequence[Goal]) -> tuple[str, ...]:
    """What the goals speak of, objectives first, each once."""
    keys = [goal.metric.key for goal in objectives(goals)]
    keys += [goal.metric.key for goal in requirements(goals)]
    return tuple(dict.fromkeys(keys))


def bound(requirement: Requirement) -> float:
    """The limit in the metric's base unit: seconds, bytes, a share."""
    return float(evaluate(requirement.bound, {}))


def reference(objective: Objective) -> float | None:
    """The worst figure of interest in the metric's base unit; None where the spec says none."""
    return None if objective.reference is None else float(evaluate(objective.reference, {}))


def keeps(requirement: Requirement, metrics: Mapping[str, float]) -> bool:
    """Whether the figure is there and within its limit."""
    value = metrics.get(requirement.metric.key)
    return value is not None and _KEEPS[requirement.operator](value, bound(requirement))


def is_feasible(goals: Sequence[Goal], metrics: Mapping[str, float]) -> bool:
    """Whether all objectives have figures and all requirements are kept."""
    return _judge(goals)(metrics) is not None


def costs(goals: Sequence[Goal], metrics: Mapping[str, float]) -> tuple[float, ...]:
    """The objectives' figures with such signs that less is better."""
    return tuple(
        -metrics[goal.metric.key] if goal.direction == "maximize" else metrics[goal.metric.key]
        for goal in objectives(goals)
    )


def front(goals: Sequence[Goal], trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The feasible trials that no other feasible one beats, best by the first objective first."""
    kept: list[tuple[float, ...]] = []
    found = []
    for cost, _, trial in _in_order(goals, trials):  # what beats a trial stands before it
        # of two objectives the last one kept has the best second: what it lets pass, all do
        rivals = kept if len(cost) > 2 else kept[-1:]
        if not any(_beats(other, cost) for other in rivals):
            kept.append(cost)
            found.append(trial)
    return tuple(found)


_Ranked: TypeAlias = tuple[tuple[float, ...], int, Trial]
"""Costs, number, trial: the first two order it."""


def _judge(goals: Sequence[Goal]) -> Callable[[Mapping[str, float]], tuple[float, ...] | None]:
    """What gives the costs of figures, None where they are not feasible.

    The goals are read once, since this is asked of every trial whenever one is over.
    """
    wishes = [(g.metric.key, -1.0 if g.direction == "maximize" else 1.0) for g in objectives(goals)]
    limits = [(r.metric.key, _KEEPS[r.operator], bound(r)) for r in requirements(goals)]

    def judge(metrics: Mapping[str, float]) -> tuple[float, ...] | None:
        for key, keep, limit in limits:
            value = metrics.get(key)
            if value is None or not keep(value, limit):
                return None
        try:
            return tuple(sign * metrics[key] for key, sign in wishes)
        except KeyError:
            return None

    return judge


def _feasible(goals: Sequence[Goal], trials: Sequence[Trial]) -> Iterator[_Ranked]:
    """The feasible trials with their costs."""
    judge = _judge(goals)
    for trial in trials:
        if trial.metrics and trial.counts and (cost := judge(trial.metrics)) is not None:
            yield cost, trial.number, trial


def _in_order(goals: Sequence[Goal], trials: Sequence[Trial]) -> list[_Ranked]:
    """The same, best by the first objective first."""
    return sorted(_feasible(goals, trials), key=operator.itemgetter(0, 1))


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and one != other


def choose(model: ModelChoice, goals: Sequence[Goal], trials: Sequence[Trial]) -> Trial | None:
    """The trial whose model is wanted; None where no trial is good enough."""
    match model:
        case BestModel():
            best = min(_feasible(goals, trials), key=operator.itemgetter(0, 1), default=None)
            return None if best is None else best[2]
        case ParetoModel(wanted):
            good = (trial for _, _, trial in _in_order(goals, trials))
            return next((t for t in good if all(keeps(w, t.metrics) for w in wanted)), None)
        case KneeModel():
            return _balanced([1.0] * len(objectives(goals)), goals, trials)
        case WeightedModel():
            weights = [1.0 if g.weight is None else g.weight for g in objectives(goals)]
            return _balanced(weights, goals, trials)


def _balanced(
    weights: Sequence[float], goals: Sequence[Goal], trials: Sequence[Trial]
) -> Trial | None:
    """The trial of the front with the least weighted sum of costs, each by its range there.

    With equal weights it is the one farthest from the plane through the front's ends, its knee
    (Das 1999, On characterizing the "knee" of the Pareto curve based on normal-boundary
    intersection). Of equals, the best by the first objective.
    """
    found = [(costs(goals, trial.metrics), trial) for trial in front(goals, trials)]
    if not found:
        return None
    columns: list[tuple[float, ...]] = list(zip(*(cost for cost, _ in found), strict=True))
    lows = [min(column) for column in columns]
    ranges = [max(column) - min(column) for column in columns]

    def weighed(cost: tuple[float, ...]) -> float:
        parts = zip(weights, cost, lows, ranges, strict=True)
        return sum(w * (c - low) / span for w, c, low, span in parts if span > 0)

    return min(found, key=lambda each: weighed(each[0]))[1]
