"""Goals, rules and choices of model from what the parser has matched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from .amounts import number_of
from .modifiers import Modifier, once
from .places import Children, between, offsets_of
from .syntax_problem import SyntaxProblem
from .tree import (
    BestModel,
    KneeModel,
    Literal_,
    Metric,
    Objective,
    ParetoModel,
    Promotion,
    Quantity,
    Requirement,
    WeightedModel,
)
from .units import UNITS, to_base


class GoalRules:
    """One method a rule or alias of grammar.lark, given the children in order."""

    def objective(self, children: Children) -> Objective:
        """`maximize accuracy, weight 2, reference 0.5`."""
        direction, metric, *wishes = children
        given = once(wishes)
        return Objective(
            cast("Any", str(direction)), metric, **given, at=between(direction, children[-1])
        )

    def weight(self, children: Children) -> Modifier:
        """`weight 2`."""
        word, number = children
        value = float(number_of(str(number), number.start_pos, number.end_pos))
        return Modifier("weight", value, between(word, number))

    def reference(self, children: Children) -> Modifier:
        """`reference 20ms`."""
        word, amount = children
        return Modifier("reference", amount, between(word, amount))

    def required(self, children: Children) -> Requirement:
        """`require size <= 2MiB on jetson`."""
        word, requirement = children
        return cast("Requirement", replace(requirement, at=between(word, requirement)))

    def metric(self, children: Children) -> Metric:
        """`latency.p95 on jetson`."""
        at = between(children[0], children[-1])
        device = str(children.pop()) if children[-1].type == "DEVICE" else None
        name, *statistic = children
        return Metric(str(name), str(statistic[0]) if statistic else None, device, at=at)

    def requirement(self, children: Children) -> Requirement:
        """`size <= 2MiB on jetson`."""
        metric, operator, bound, *device = children
        if device and metric.device is not None:
            raise SyntaxProblem(
                "two devices are named",
                device[0].start_pos,
                device[0].end_pos,
                "name the device once, at the end",
            )
        if device:
            metric = replace(metric, device=str(device[0]))
        return Requirement(
            metric, cast("Any", str(operator)), bound, at=between(metric, children[-1])
        )

    def best(self, children: Children) -> BestModel:
        """`best`."""
        return BestModel(at=offsets_of(children[0]))

    def knee(self, children: Children) -> KneeModel:
        """`knee`."""
        return KneeModel(at=offsets_of(children[0]))

    def weighted(self, children: Children) -> WeightedModel:
        """`weighted`."""
        return WeightedModel(at=offsets_of(children[0]))

    def pareto(self, children: Children) -> ParetoModel:
        """`pareto(latency.p95 <= 5ms)`."""
        word, _, *requirements, right = children
        return ParetoModel(tuple(requirements), at=between(word, right))

    def promotion(self, children: Children) -> Promotion:
        """`error_rate < 1% for 10m`."""
        requirement, amount = children
        if isinstance(amount, Quantity) and UNITS[amount.unit].dimension == "time":
            seconds = to_base(amount.value, amount.unit)
        elif isinstance(amount, Literal_):
            seconds = float(cast("int | float", amount.value))
        else:
            raise SyntaxProblem(
                f"`{amount.unit}` is no unit of time",
                amount.at.start,
                amount.at.end,
                "write a duration such as `10m`",
                code="OFC205",
            )
        return Promotion(requirement, seconds, at=between(requirement, amount))
