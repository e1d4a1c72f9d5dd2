"""Whoever names a device names one of `devices`."""

from __future__ import annotations

from collections.abc import Iterator

from ..expression.tree import ParetoModel
from ..readers import nearest, or_list
from .finding import Finding, Place, Readable

TO = ("spec", "deployment", "to")
MODEL = ("spec", "deployment", "model")


def named_devices(document: Readable) -> Iterator[tuple[str, Place]]:
    """Every mention of a device: in objectives, in `pareto(...)`, and in `to`."""
    for path, goal in document.goals():
        if goal.metric.device is not None:
            yield goal.metric.device, Place(path, goal.metric.at)
    model = document.value(ParetoModel, *MODEL)
    for requirement in model.requirements if model is not None else ():
        if requirement.metric.device is not None:
            yield requirement.metric.device, Place(MODEL, requirement.metric.at)
    to = document.value(str, *TO)
    if to is not None:
        yield to, Place(TO)


def known_devices(document: Readable) -> Iterator[Finding]:
    """Asks that every device that is named exists."""
    known = document.devices()
    for name, place in named_devices(document):
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
        )
