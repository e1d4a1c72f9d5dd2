"""Which nodes trials run on: what the spec asks for all of them, and for its devices.

A trial is measured on its devices where it trained, so that the labels of all are asked at once.
"""

from __future__ import annotations

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.scheduling import Toleration

from .objects import Tree
from .steps import search_of


def placement(program: Program) -> Tree:
    """`nodeSelector` and `tolerations` of a trial's pod; empty where nothing is asked."""
    selector, tolerated = node_selector(program), tolerations(program)
    made: Tree = {"nodeSelector": dict(selector)} if selector else {}
    return made | ({"tolerations": toleration_trees(tolerated)} if tolerated else {})


def node_selector(program: Program) -> tuple[tuple[str, str], ...]:
    """The labels, each once."""
    kubernetes, devices = program.platform.kubernetes, search_of(program).devices
    selectors = (kubernetes.node_selector, *(device.node_selector for device in devices))
    return tuple(dict(pair for selector in selectors for pair in selector).items())


def tolerations(program: Program) -> tuple[Toleration, ...]:
    """The tolerations, each once."""
    kubernetes, devices = program.platform.kubernetes, search_of(program).devices
    every = (kubernetes.tolerations, *(device.tolerations for device in devices))
    return tuple(dict.fromkeys(each for one in every for each in one))


def toleration_trees(tolerations_: tuple[Toleration, ...]) -> list[Tree]:
    """As Kubernetes and KFP write them."""
    return [_toleration(each) for each in tolerations_]


def _toleration(toleration: Toleration) -> Tree:
    said = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
        "tolerationSeconds": toleration.toleration_seconds,
    }
    return {key: value for key, value in said.items() if value is not None}
