"""What a server writes into the manifests of ../shared/reference, beyond what they say.

`python -m tests.support.api_server.written_back KUBECONFIG`, whose output is `written_back.json`,
asks a real API server with the webhooks of Knative Serving and Eventing, as an identity called
`admin`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import yaml

from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.client.identity import open_connection
from omniforce.targets.platforms.kubernetes.cluster.cluster import ClusterFault

from ..crd import SHARED

Tree = dict[str, Any]

MANIFESTS = SHARED / "reference" / "manifests"
NOT_THERE = ("kserve", "kubeflow", "ray.io", "kueue")
"""Groups whose webhooks and controllers did not run there."""

PASSING = frozenset({"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"})


def manifests() -> Iterator[Tree]:
    """Those of kinds whose webhooks were there, in order of need."""
    for path in sorted(MANIFESTS.glob("*.yaml")):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not any(group in tree["apiVersion"] for group in NOT_THERE):
            yield tree


def written_back(cluster: KubernetesCluster) -> dict[str, list[str]]:
    """By object: each field that the server added, or the refusal."""
    made = {}
    for tree in manifests():
        name = f"{tree['kind']}/{tree['metadata']['name']}"
        try:
            made[name] = sorted(_added("", tree, cluster.apply(tree)))
        except ClusterFault as fault:
            made[name] = [fault.diagnostic.message]
    return made


def _added(path: str, written: Any, stored: Any) -> Iterator[str]:
    if isinstance(written, dict) and isinstance(stored, dict):
        for key, value in stored.items():
            if (key == "status" and not path) or (path == ".metadata" and key in PASSING):
                continue
            here = f"{path}.{key}"
            if key in written:
                yield from _added(here, written[key], value)
            else:
                yield f"{here} = {json.dumps(value, sort_keys=True)}"
    elif isinstance(written, list) and isinstance(stored, list):
        for i, value in enumerate(stored):
            here = f"{path}[{i}]"
            if i < len(written):
                yield from _added(here, written[i], value)
            else:
                yield f"{here} = {json.dumps(value, sort_keys=True)}"
    elif written != stored:
        yield f"{path} = {json.dumps(stored)}"


if __name__ == "__main__":
    cluster = KubernetesCluster(open_connection(None, sys.argv[1]))
    json.dump(written_back(cluster), sys.stdout, indent=1)
    sys.stdout.write("\n")
