"""A percentile of so few calls that it is but the slowest of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from omniforce.spec.diagnostic import Related

from ..advice import Advice, Subject

BEYOND = 2
"""Calls that should lie above a percentile; with fewer, one slow call is the figure."""


def few_repeats(subject: Subject) -> Iterator[Advice]:
    """Compares `repeats` of a device with the percentiles that goals ask of it."""
    devices = dict(subject.spec.devices)
    told: set[str] = set()
    for place, goal in enumerate(subject.spec.objectives):
        statistic, name = goal.metric.statistic or "", goal.metric.device
        device = devices.get(name or "")
        if device is None or name is None or not statistic[1:].isdigit() or name in told:
            continue
        share = int(statistic[1:]) / 100
        needed = ceil(BEYOND / (1 - share) - 1e-9)
        if device.measure.repeats >= needed:
            continue
        told.add(name)
        goal_at = subject.at("spec", "objectives", place)
        yield Advice(
            f"`{statistic}` on `{name}` is taken from {device.measure.repeats} calls",
            subject.at("spec", "devices", name, "measure", "repeats"),
            "one slow call is the figure",
            f"write `measure: {{repeats: {5 * needed}}}`, at least {needed}",
            () if goal_at is None else (Related(goal_at, "asked for here"),),
        )
