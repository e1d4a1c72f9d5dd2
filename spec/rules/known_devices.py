"""Whoever names a device names one of `devices`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..expression.tree import Metric, ParetoModel
from ..fix import is_sure
from ..nodes import MappingNode
from ..readers import nearest, or_list
from .finding import Finding, Place, Readable, figure

TO = ("spec", "deployment", "to")
MODEL = ("spec", "deployment", "model")


def named_devices(document: Readable) -> Iterator[tuple[str, Place, Metric | None]]:
    """Every mention of a device: in objectives, in `pareto(...)`, and in `to`."""
    for path, goal in document.goals():
        if goal.metric.device is not None:
            yield goal.metric.device, Place(path, goal.metric.at), goal.metric
    model = document.value(ParetoModel, *MODEL)
    for requirement in model.requirements if model is not None else ():
        if requirement.metric.device is not None:
            metric = requirement.metric
            yield requirement.metric.device, Place(MODEL, metric.at), metric
    to = document.value(str, *TO)
    if to is not None:
        yield to, Place(TO), None


def known_devices(document: Readable) -> Iterator[Finding]:
    """Asks that every device that is named exists."""
    written = document.written("spec", "devices")
    if written is not None and not isinstance(written, MappingNode):
        return  # it may well name them
    known = document.devices()
    for name, place, metric in named_devices(document):
        if name in known:
            continue
        meant = nearest(name, known)
        help_ = f"add `{name}: {{runtime: onnx}}` under `devices`"
        if meant:
            help_ = f"write `{meant}`"
        elif known:
            help_ += f", or name {or_list(known)}"
        yield Finding(
            "OFC308",
            f"no device is called `{name}`",
            place,
            f"did you mean `{meant}`?" if meant else "unknown device",
            help_,
            instead=_on(metric, meant) if meant is not None else "",
            sure=meant is not None and is_sure(name, meant, known),
        )


def _on(metric: Metric | None, device: str) -> str:
    return device if metric is None else figure(replace(metric, device=device))
