"""A device that nothing names would be set up for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.devices import Device
from .finding import Finding, Place, Readable
from .known_devices import named_devices

DEVICES = ("spec", "devices")


def used_devices(document: Readable) -> Iterator[Finding]:
    """Asks that every device is measured by an objective or serves."""
    # An unreadable objective may well name the device.
    if not document.complete("spec", "objectives") or not document.complete("spec", "deployment"):
        return
    named = {name for name, _, _ in named_devices(document)}
    for name in document.devices():
        if name not in named and document.value(Device, *DEVICES, name) is not None:
            yield Finding(
                "OFC315",
                f"the device `{name}` is never used",
                Place((*DEVICES, name), on_key=True),
                "no objective measures it, and it does not serve",
                f"add `minimize latency.p95 on {name}` to `objectives`, or remove it",
            )
