"""Whether Knative's settings admit our functions and servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import name_of, number, text
from ...objects import Tree
from .asking import Asking, error

KNATIVE: Final = "knative-serving"
"""Where Knative Serving keeps its settings."""

LONGEST: Final = 600
"""Seconds that a revision may take where nobody has said otherwise."""

_CLAIMS: Final = (
    "kubernetes.podspec-persistent-volume-claim",
    "kubernetes.podspec-persistent-volume-write",
)


def revisions(asking: Asking) -> Iterator[Diagnostic]:
    """Feature flags that servers need, and timeouts over the cluster's maximum."""
    if not asking.cluster.serves("serving.knative.dev/v1", "Service"):
        return
    servers = [s for s in asking.of("serving.kserve.io", "InferenceService") if _knative(s)]
    if any(
        text(s, "spec", "predictor", "model", "storageUri").startswith("pvc://") for s in servers
    ):
        yield from _claim_flag(asking)
    yield from _timeouts(asking, servers)


def _knative(server: Tree) -> bool:
    mode = text(server, "metadata", "annotations", "serving.kserve.io/deploymentMode")
    return mode != "Standard"


def _claim_flag(asking: Asking) -> Iterator[Diagnostic]:
    features = asking.get("v1", "ConfigMap", "config-features", KNATIVE)
    flag = _CLAIMS[0]
    value = text(features, "data", flag) or "disabled"
    if value.lower() == "disabled":
        yield error(
            "OFC656",
            f"Knative's `{flag}` is `{value}`, and the model server mounts the volume",
            f"kubectl patch configmap config-features -n {KNATIVE} --type merge "
            f'-p \'{{"data":{{"{flag}":"enabled"}}}}\'',
            asking.at("spec.deployment"),
        )


def _timeouts(asking: Asking, servers: list[Tree]) -> Iterator[Diagnostic]:
    defaults = asking.get("v1", "ConfigMap", "config-defaults", KNATIVE)
    most = number(defaults, "data", "max-revision-timeout-seconds") or LONGEST
    asked = [
        (tree, number(tree, "spec", "template", "spec", "timeoutSeconds"))
        for tree in asking.of("serving.knative.dev", "Service")
    ]
    asked += [(tree, number(tree, "spec", "predictor", "timeout")) for tree in servers]
    for tree, seconds in asked:
        if seconds is not None and seconds > most:
            yield error(
                "OFC657",
                f"`{name_of(tree)}` may take {seconds:g} s for an answer, and the cluster allows "
                f"{most:g} s",
                f"kubectl patch configmap config-defaults -n {KNATIVE} --type merge "
                f'-p \'{{"data":{{"max-revision-timeout-seconds":"{seconds:g}"}}}}\'',
            )
