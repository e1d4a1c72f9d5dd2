"""Which nodes trials run on: what the spec asks for all of them, and for its devices.

A trial is measured on its devices where it trained, so that the labels of all are asked at once.
"""

from __future__ import annotations

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.scheduling import Toleration

from .objects import Tree
from .steps import search_of


def placement(program: Program) -> Tree:
    """`nodeSelector` and `tolerations` of a trial's pod; empty where nothing is asked."""
    kubernetes, devices = program.platform.kubernetes, search_of(program).devices
    selectors = (kubernetes.node_selector, *(device.node_selector for device in devices))
    tolerations = (kubernetes.tolerations, *(device.tolerations for device in devices))
    return _placed(
        {label: value for selector in selectors for label, value in selector},
        tuple(dict.fromkeys(each for one in tolerations for each in one)),
    )


def device_placement(device: Device) -> Tree:
    """The same for what only measures on a device."""
    return _placed(dict(device.node_selector), device.tolerations)


def _placed(selector: dict[str, str], tolerations: tuple[Toleration, ...]) -> Tree:
    made: Tree = {}
    if selector:
        made["nodeSelector"] = selector
    if tolerations:
        made["tolerations"] = [_toleration(each) for each in tolerations]
    return made


def _toleration(toleration: Toleration) -> Tree:
    said = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
        "tolerationSeconds": toleration.toleration_seconds,
    }
    return {key: value for key, value in said.items() if value is not None}
