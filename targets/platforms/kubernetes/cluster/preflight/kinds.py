"""Whether the cluster serves every kind in the version that is emitted, and is new enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from .asking import Asking, error, warning

OLDEST: Final = 31
"""Minor version of Kubernetes since which a Job's failure policy is always on."""

_PROVIDERS: Final = {
    "serving.knative.dev": ("Knative Serving", "https://knative.dev/docs/install"),
    "eventing.knative.dev": ("Knative Eventing", "https://knative.dev/docs/install"),
    "sources.knative.dev": ("Knative Eventing", "https://knative.dev/docs/install"),
    "messaging.knative.dev": ("Knative Eventing", "https://knative.dev/docs/install"),
    "sinks.knative.dev": ("Knative Eventing 1.16 or newer", "https://knative.dev/docs/install"),
    "serving.kserve.io": ("KServe", "https://kserve.github.io/website"),
    "pipelines.kubeflow.org": (
        "Kubeflow Pipelines 2.14 or newer in Kubernetes-native mode",
        "https://www.kubeflow.org/docs/components/pipelines",
    ),
    "kueue.x-k8s.io": ("Kueue", "https://kueue.sigs.k8s.io/docs/installation"),
}
"""Who brings the kinds of a group, and where it is had from."""

_BLOCKS: Final = {
    "serving.kserve.io": "spec.deployment",
    "pipelines.kubeflow.org": "spec.platform.kubernetes.network.pipelines",
    "eventing.knative.dev": "spec.platform.kubernetes.broker",
}
"""Which block of the spec asks for the kinds of a group."""


def kinds(asking: Asking) -> Iterator[Diagnostic]:
    """One finding for each provider that is missing, with all its kinds."""
    yield from _version(asking)
    missing: dict[str, list[str]] = {}
    wanted = [(str(t["apiVersion"]), str(t["kind"])) for t in asking.objects]
    # dispatch makes it when the study starts
    wanted.append(("sources.knative.dev/v1", "PingSource"))
    for api_version, kind in dict.fromkeys(wanted):
        if not asking.cluster.serves(api_version, kind):
            missing.setdefault(api_version, []).append(kind)
    for api_version, names in missing.items():
        group = api_version.rpartition("/")[0]
        provider, page = _PROVIDERS.get(group, (f"what serves `{api_version}`", ""))
        yield error(
            "OFC655",
            f"`{asking.cluster.name}` has no {', '.join(names)} of `{api_version}`: "
            f"{provider} is missing or too old",
            f"install {provider}" + (f": {page}" if page else ""),
            asking.at(_BLOCKS.get(group, "")),
        )


def _version(asking: Asking) -> Iterator[Diagnostic]:
    said = asking.cluster.version()
    found = re.match(r"v?(\d+)\.(\d+)", said)
    if found and (int(found[1]), int(found[2])) < (1, OLDEST):
        yield warning(
            "OFC668",
            f"`{asking.cluster.name}` is Kubernetes {said}, and 1.{OLDEST} is the oldest that "
            "this is written for",
            "see that a Job's `podFailurePolicy` is on there, or upgrade the cluster",
        )
