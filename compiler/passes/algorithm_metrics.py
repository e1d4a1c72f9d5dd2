"""What a spec asks of an algorithm's figures, held against what the algorithm says of them."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.blocks.algorithm import AlgorithmInterface, ReportedMetric
from omniforce.spec.blocks.devices import DEVICE_METRICS
from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.expression.evaluate import evaluate
from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import (
    Literal_,
    Metric,
    Objective,
    ParetoModel,
    Quantity,
    Requirement,
)
from omniforce.spec.expression.units import UNITS
from omniforce.spec.readers import nearest, or_list

from ..ir.program import Search
from .algorithm_arguments import CUSTOM
from .context import Context


def metric_faults(
    search: Search, interface: AlgorithmInterface, context: Context
) -> Iterator[Diagnostic]:
    """Figures that the algorithm never reports, and goals against what they mean or can be."""
    if interface.name.startswith(CUSTOM):
        return  # `spec.rules.metrics` has held them against `algorithm.metrics`
    reported = {m.name: m for m in interface.metrics}
    for i, goal in enumerate(search.goals):
        if goal.metric.device is not None or goal.metric.name in DEVICE_METRICS:
            continue
        metric = reported.get(goal.metric.name)
        if metric is None:
            yield _unreported(goal.metric, interface, context, "spec", "objectives", i)
        elif isinstance(goal, Objective) and (goal.direction == "maximize") != (
            metric.better == "higher"
        ):
            right = "maximize" if metric.better == "higher" else "minimize"
            yield Diagnostic(
                "OFC328",
                f"`{metric.name}` is better when it is {metric.better}, "
                f"and this would {goal.direction} it",
                context.at("spec", "objectives", i),
                f"{metric.better} is better",
                f"write `{right} {metric.name}`",
                Severity.WARNING,
            )
        if metric is not None:
            amount = goal.reference if isinstance(goal, Objective) else goal.bound
            yield from _unit(metric, amount, context, "spec", "objectives", i)
        if metric is not None and isinstance(goal, Requirement):
            yield from _out_of_reach(metric, goal, context, "spec", "objectives", i)
    if not isinstance(search.model, ParetoModel):
        return
    for rule in search.model.requirements:
        if rule.metric.device is not None or rule.metric.name in DEVICE_METRICS:
            continue
        metric = reported.get(rule.metric.name)
        if metric is None:
            yield _unreported(rule.metric, interface, context, "spec", "deployment", "model")
        else:
            yield from _unit(metric, rule.bound, context, "spec", "deployment", "model")
            yield from _out_of_reach(metric, rule, context, "spec", "deployment", "model")


_DIMENSIONS = {"s": "time", "B": "size"}


def _unit(
    metric: ReportedMetric, amount: object, context: Context, *path: str | int
) -> Iterator[Diagnostic]:
    """A bound or reference in a unit of something else than what the algorithm reports."""
    if not isinstance(amount, Quantity):
        return
    dimension = UNITS[amount.unit].dimension
    if dimension == _DIMENSIONS.get(metric.unit, "share"):
        return
    known = {"s": "a time, as in `5ms`", "B": "a size, as in `2MiB`"}
    what = known.get(metric.unit, "a plain number or a share")
    yield Diagnostic(
        "OFC205",
        f"`{metric.name}` is {what.partition(',')[0]}, and `{amount.unit}` is no unit of it",
        context.part_at(amount.at, *path),
        f"`{amount.unit}` is no unit of `{metric.name}`",
        f"write {what}",
    )


def _out_of_reach(
    metric: ReportedMetric, rule: Requirement, context: Context, *path: str | int
) -> Iterator[Diagnostic]:
    """A bound that no model can keep, since the metric never goes there: `accuracy >= 90`."""
    if isinstance(rule.bound, Quantity) and UNITS[rule.bound.unit].dimension != "share":
        return  # in a unit of something else, which has been said
    bound = float(evaluate(rule.bound, {}))
    above = rule.operator in (">", ">=")
    end = metric.maximum if above else metric.minimum
    if end is None or (bound <= end if above else bound >= end):
        return
    is_share = (metric.minimum, metric.maximum) == (0.0, 1.0)
    percent = above and is_share and isinstance(rule.bound, Literal_) and bound <= 100
    limit = f"is at {'most' if above else 'least'} `{end:g}`"
    yield Diagnostic(
        "OFC338",
        f"no model can keep `{to_text(rule).removeprefix('require ')}`: `{metric.name}` {limit}",
        context.part_at(rule.bound.at, *path),
        limit,
        f"write `{bound:g}%`" if percent else f"write a bound that `{metric.name}` can have",
    )


def _unreported(
    metric: Metric, interface: AlgorithmInterface, context: Context, *path: str | int
) -> Diagnostic:
    names = tuple(m.name for m in interface.metrics)
    meant = nearest(metric.name, names)
    listed = f"it reports {or_list(names)}" if names else "it reports nothing"
    fix = context.respelled(metric.name, meant, names, *path, at=metric.at)
    return Diagnostic(
        "OFC321",
        f"`{interface.name}` does not report `{metric.name}`",
        context.part_at(metric.at, *path),
        f"did you mean `{meant}`?" if meant else "never reported",
        f"write `{meant}`" if meant else listed,
        edits=fix.edits,
        applicable=fix.applicable,
    )
