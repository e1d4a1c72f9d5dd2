"""The kinds that the server knows, with the schemas that say how their fields merge.

Kubernetes' own are read from `kubernetes-validate`, which carries the API server's OpenAPI with
its list types; the others from the projects' CRDs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate

from ..crd import CRDS, _documents

Schema = dict[str, Any]

_OPENAPI = "kubernetes-json-schema/v1.36.0-local/_definitions.json"

_CORE = (
    ("", "v1", "Namespace", "namespaces", False, "io.k8s.api.core.v1.Namespace"),
    ("", "v1", "ConfigMap", "configmaps", True, "io.k8s.api.core.v1.ConfigMap"),
    ("", "v1", "Secret", "secrets", True, "io.k8s.api.core.v1.Secret"),
    ("", "v1", "Event", "events", True, "io.k8s.api.core.v1.Event"),
    ("", "v1", "Pod", "pods", True, "io.k8s.api.core.v1.Pod"),
    ("", "v1", "Service", "services", True, "io.k8s.api.core.v1.Service"),
    ("", "v1", "ServiceAccount", "serviceaccounts", True, "io.k8s.api.core.v1.ServiceAccount"),
    ("", "v1", "LimitRange", "limitranges", True, "io.k8s.api.core.v1.LimitRange"),
    ("", "v1", "ResourceQuota", "resourcequotas", True, "io.k8s.api.core.v1.ResourceQuota"),
    ("", "v1", "Node", "nodes", False, "io.k8s.api.core.v1.Node"),
    (
        "",
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        True,
        "io.k8s.api.core.v1.PersistentVolumeClaim",
    ),
    ("apps", "v1", "Deployment", "deployments", True, "io.k8s.api.apps.v1.Deployment"),
    ("batch", "v1", "Job", "jobs", True, "io.k8s.api.batch.v1.Job"),
    ("batch", "v1", "CronJob", "cronjobs", True, "io.k8s.api.batch.v1.CronJob"),
    (
        "storage.k8s.io",
        "v1",
        "StorageClass",
        "storageclasses",
        False,
        "io.k8s.api.storage.v1.StorageClass",
    ),
    (
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
        True,
        "io.k8s.api.networking.v1.NetworkPolicy",
    ),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", True, "io.k8s.api.rbac.v1.Role"),
    (
        "rbac.authorization.k8s.io",
        "v1",
        "RoleBinding",
        "rolebindings",
        True,
        "io.k8s.api.rbac.v1.RoleBinding",
    ),
    (
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        False,
        "",
    ),
    # an implementation of Knative's channels, whose CRD is not among the shared ones
    ("messaging.knative.dev", "v1", "InMemoryChannel", "inmemorychannels", True, ""),
    (
        "authorization.k8s.io",
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        False,
        "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    ),
)


@dataclass(frozen=True)
class Kind:
    """A kind; `crd` says whether a CustomResourceDefinition brought it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    crd: bool
    has_status: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As messages about an object name it: `triggers.eventing.knative.dev`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


@cache
def definitions() -> dict[str, Schema]:
    """Kubernetes' OpenAPI of all types."""
    path = Path(kubernetes_validate.__file__).parent / _OPENAPI
    whole = json.loads(path.read_text(encoding="utf-8"))
    return dict(whole["$defs"])


@cache
def schema_of(kind: Kind) -> Schema:
    """The schema of a kind; one that keeps everything where there is none."""
    for group, version, name, *_, definition in _CORE:
        if (group, version, name) == (kind.group, kind.version, kind.kind) and definition:
            return definitions()[str(definition)]
    for found, schema in _customs():
        if found == kind:
            made = dict(schema)
            made["properties"] = dict(schema.get("properties", {})) | {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": definitions()["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"],
            }
            return made
    return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@cache
def kinds() -> tuple[Kind, ...]:
    """All of them."""
    core = [
        Kind(group, version, kind, plural, namespaced, False, False)
        for group, version, kind, plural, namespaced, _ in _CORE
    ]
    return (*core, *(kind for kind, _ in _customs()))


@cache
def _customs() -> tuple[tuple[Kind, Schema], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[Kind, Schema]]:
    for path in sorted(CRDS.rglob("*.yaml")):
        for crd in _documents(path):
            spec = crd.get("spec", {})
            if crd.get("kind") != "CustomResourceDefinition":
                continue
            names = spec["names"]
            for each in spec["versions"]:
                if not each.get("served", True):
                    continue
                yield (
                    Kind(
                        spec["group"],
                        each["name"],
                        names["kind"],
                        names["plural"],
                        spec["scope"] == "Namespaced",
                        True,
                        "status" in each.get("subresources", {}),
                    ),
                    each["schema"]["openAPIV3Schema"],
                )
