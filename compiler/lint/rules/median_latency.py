"""A latency of which only the middle is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.tree import Goal

from ..advice import Advice, Subject

MIDDLE = ("p50", "mean")


def median_latency(subject: Subject) -> Iterator[Advice]:
    """Asks for a percentile of the tail where a device has only goals on the middle."""
    goals = subject.spec.objectives
    told: set[str | None] = set()
    for place, goal in enumerate(goals):
        metric = goal.metric
        if metric.name != "latency" or metric.statistic not in MIDDLE or _tail(goal, goals):
            continue
        if metric.device in told:
            continue
        told.add(metric.device)
        yield Advice(
            f"of the latency on `{metric.device}` only the {_word(metric.statistic)} is looked at",
            subject.at("spec", "objectives", place),
            "half of the requests may take any time"
            if metric.statistic == "p50"
            else "rare slow ones vanish in it",
            f"write `latency.p95 on {metric.device}`, or add it as a `require`",
        )


def _tail(goal: Goal, goals: tuple[Goal, ...]) -> bool:
    here = (g.metric for g in goals if g.metric.device == goal.metric.device)
    return any(m.name == "latency" and m.statistic not in MIDDLE for m in here)


def _word(statistic: str | None) -> str:
    return "median" if statistic == "p50" else "mean"
