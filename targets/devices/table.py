"""Every device runtime by name; nothing of one is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from omniforce.spec.blocks.devices import Device

from .device import DeviceRuntime


def _onnx() -> DeviceRuntime:
    from .onnx.runtime import OnnxRuntime

    return OnnxRuntime()


RUNTIMES: dict[str, Callable[[], DeviceRuntime]] = {
    "onnx": _onnx,
}
"""Every runtime that devices can have, by name."""


def runtime(device: Device) -> DeviceRuntime:
    """The runtime of a device that a target let pass."""
    return RUNTIMES[device.runtime]()
