"""What a trial is asked for: its arguments and the figures that it must report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from omniforce.compiler.ir.program import Search
from omniforce.spec.arguments import to_arguments
from omniforce.spec.blocks.devices import Device
from omniforce.spec.expression.tree import ParetoModel
from omniforce.spec.space import Assignment

from .contract import Json


def arguments_of(search: Search, point: Assignment) -> Mapping[str, Json]:
    """What the estimator is called with: the fixed arguments, and the searched ones."""
    searched = cast("Mapping[str, Json]", to_arguments(search.space, point))
    # What is only there to compute others from is no argument of the estimator.
    known = {a.name for a in search.algorithm.arguments}
    read = {name: value for name, value in searched.items() if not known or name in known}
    return {**dict(search.arguments), **read}


def handed_devices(search: Search) -> tuple[Device, ...]:
    """The devices that a function measures on after the training."""
    return tuple(device for device in search.devices if device.measure.where == "function")


def of_trial(search: Search, keys: Iterable[str]) -> tuple[str, ...]:
    """Those keys whose figures the trial itself reports."""
    handed = {device.name for device in handed_devices(search)}
    return tuple(key for key in keys if key.partition("@")[2] not in handed)


def wanted_metrics(search: Search) -> tuple[str, ...]:
    """The keys that every trial must report."""
    goals = [goal.metric.key for goal in search.goals]
    if isinstance(search.model, ParetoModel):
        goals += [requirement.metric.key for requirement in search.model.requirements]
    return tuple(dict.fromkeys(goals))
