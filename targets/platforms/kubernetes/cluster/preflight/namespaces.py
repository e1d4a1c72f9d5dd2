"""The namespaces that a study goes to or talks to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import name_of, text
from .asking import Asking, error, note, warning

_NETWORK: Final = "spec.platform.kubernetes.network"
_LEVEL: Final = "pod-security.kubernetes.io/enforce"
_INSTANCE: Final = "app.kubernetes.io/instance"


def namespaces(asking: Asking) -> Iterator[Diagnostic]:
    """The study's own, then those that network policies let through."""
    here = asking.get("v1", "Namespace", asking.namespace)
    span = asking.at("spec.platform.kubernetes.namespace")
    if here is not None and text(here, "status", "phase") == "Terminating":
        yield error(
            "OFC658",
            f"the namespace `{asking.namespace}` is being deleted",
            "wait until it is gone, and apply then",
            span,
        )
    elif here is not None:
        yield from _others(asking, text(here, "metadata", "labels", _LEVEL))
    network = asking.program.platform.kubernetes.network
    wanted = [(name, "gateways") for name in network.gateways]
    wanted += [(network.eventing, "eventing"), (network.pipelines, "pipelines")]
    for name, key in wanted:
        if asking.get("v1", "Namespace", name) is None:
            yield warning(
                "OFC669",
                f"there is no namespace `{name}`, which the network policies let through",
                f"name the namespace that it is on this cluster under `network.{key}`",
                asking.at(f"{_NETWORK}.{key}"),
            )


def _others(asking: Asking, level: str) -> Iterator[Diagnostic]:
    pods = asking.list("v1", "Pod", asking.namespace)
    others = [
        name_of(p) for p in pods if text(p, "metadata", "labels", _INSTANCE) != asking.program.name
    ]
    if others and level != "restricted":
        shown = ", ".join(f"`{name}`" for name in others[:3])
        yield note(
            "OFC658",
            f"others run in `{asking.namespace}`, which gets Pod Security `restricted` and closes "
            f"its network: {shown}{f' and {len(others) - 3} more' if len(others) > 3 else ''}",
            "give the study a namespace of its own: remove `namespace`, or name another one",
            asking.at("spec.platform.kubernetes.namespace"),
        )
