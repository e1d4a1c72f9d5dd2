"""Bounds and references of latencies and sizes have units: `5` may be seconds or milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.deployment import Monitor, Rollout
from ..expression.print import to_text
from ..expression.tree import Literal_, Metric, Objective, ParetoModel, Requirement
from ..source import Path
from .finding import Finding, Place, Readable

DEPLOYMENT = ("spec", "deployment")
_UNITS = {"latency": "ms", "size": "MiB"}


def bound_units(document: Readable) -> Iterator[Finding]:
    """Asks for a unit behind every bound that needs one."""
    for path, requirement in _requirements(document):
        yield from _bare("bound", requirement.metric, requirement.bound, path)
    for path, goal in document.goals():
        if isinstance(goal, Objective):
            yield from _bare("reference", goal.metric, goal.reference, path)


def _bare(what: str, metric: Metric, amount: object, path: Path) -> Iterator[Finding]:
    unit = _UNITS.get(metric.name)
    if unit is not None and isinstance(amount, Literal_):
        yield Finding(
            "OFC312",
            f"the {what} of `{metric.name}` has no unit",
            Place(path, amount.at),
            "of what unit?",
            f"write `{to_text(amount)}{unit}`",
        )


def _requirements(document: Readable) -> Iterator[tuple[Path, Requirement]]:
    for path, goal in document.goals():
        if isinstance(goal, Requirement):
            yield path, goal
    model = document.value(ParetoModel, *DEPLOYMENT, "model")
    for requirement in model.requirements if model is not None else ():
        yield (*DEPLOYMENT, "model"), requirement
    rollout = document.value(Rollout, *DEPLOYMENT, "rollout")
    if rollout is not None and rollout.promote_when is not None:
        yield (*DEPLOYMENT, "rollout", "promoteWhen"), rollout.promote_when.requirement
    monitor = document.value(Monitor, *DEPLOYMENT, "monitor")
    if monitor is not None:
        yield (*DEPLOYMENT, "monitor", "drift"), monitor.drift
