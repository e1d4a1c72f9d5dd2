"""Devices: what changes a figure that was measured, and what only changes how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omniforce.spec.blocks.devices import Device

from ..ir.program import Program, Search
from .blocks import step
from .change import Change, Fate
from .leaves import leaves

HARMLESS = ("measure.warmup", "measure.repeats", "measure.where")
"""Keys that change how surely a figure is known, and not the figure."""


def device_changes(before: Program, after: Program) -> Iterator[Change]:
    """The devices that came and went, and what differs in the others."""
    old, new = devices_of(before), devices_of(after)
    asked = devices_asked(before) | devices_asked(after)
    for name in dict.fromkeys((*old, *new)):
        path = f"spec.devices.{name}"
        was, now = leaves(path, old.get(name)), leaves(path, new.get(name))
        for key in dict.fromkeys((*was, *now)):
            if was.get(key) != now.get(key):
                fate, why = _fate(key, name, name in old and name in new, name in asked)
                yield Change(key, was.get(key), now.get(key), fate, why)


def devices_of(program: Program) -> Mapping[str, Device]:
    """What trials are measured on, by name."""
    search = step(program, Search)
    return {d.name: d for d in search.devices} if search is not None else {}


def devices_asked(program: Program) -> set[str]:
    """The devices that goals look at."""
    search = step(program, Search)
    goals = search.goals if search is not None else ()
    return {g.metric.device for g in goals if g.metric.device is not None}


def _fate(path: str, name: str, both: bool, asked: bool) -> tuple[Fate, str]:
    if not asked:
        return "kept", f"no objective looks at `{name}`"
    if not both:
        return "kept", "what its coming or going means is said of the objectives that name it"
    key = path.removeprefix(f"spec.devices.{name}.")
    if key.startswith("tolerations"):
        return "kept", "which taints it puts up with changes no figure"
    if key in HARMLESS:
        return "kept", "the figure is the same one, known more or less surely"
    return "invalidated", f"what was measured on `{name}` is not what would be measured there now"
