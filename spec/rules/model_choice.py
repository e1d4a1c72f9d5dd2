"""`pareto(...)` chooses by figures that the search has taken: those of the goals."""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.tree import Metric, ParetoModel
from ..readers import or_list
from .finding import Finding, Place, Readable

MODEL = ("spec", "deployment", "model")


def goal_meant(metric: Metric, goals: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """The goals' metrics that `metric` may mean; without a device, it means that of a goal."""
    names = (metric.name, metric.statistic)
    found = (
        g for g in goals if (g.name, g.statistic) == names and metric.device in (None, g.device)
    )
    return tuple(dict.fromkeys(found))


def model_choice(document: Readable) -> Iterator[Finding]:
    """Asks that each metric in `pareto(...)` is the metric of one goal."""
    model = document.value(ParetoModel, *MODEL)
    if model is None or not document.complete("spec", "objectives"):
        return
    goals = tuple(goal.metric for _, goal in document.goals())
    for requirement in model.requirements:
        metric = requirement.metric
        meant = goal_meant(metric, goals)
        if len(meant) == 1:
            continue
        place = Place(MODEL, metric.at)
        if meant:
            devices = tuple(f"on {m.device}" for m in meant)
            yield Finding(
                "OFC317",
                f"`{_name(metric)}` is measured on several devices",
                place,
                "on which of them?",
                f"write {or_list(devices)} behind it",
            )
            continue
        yield Finding(
            "OFC317",
            f"no objective speaks of `{_name(metric)}`, so no trial has it",
            place,
            "not measured in the search",
            f"choose by {or_list(tuple(dict.fromkeys(map(_name, goals))))}"
            if goals
            else f"add `minimize {_name(metric)}` to `objectives`",
        )


def _name(metric: Metric) -> str:
    statistic = f".{metric.statistic}" if metric.statistic else ""
    return f"{metric.name}{statistic}{f' on {metric.device}' if metric.device else ''}"
