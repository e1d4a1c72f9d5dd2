"""Kubernetes objects as plain trees, and what every one of them says of itself."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from omniforce.compiler.ir.program import Program

from .names import NAMESPACE_KINDS, namespace_of

Tree: TypeAlias = dict[str, object]
"""A mapping of a manifest: what YAML and JSON can say, keys in the order in which people read."""

Component = Literal["search", "worker", "tte", "serving"]
"""The part of a study, in the words of `app.kubernetes.io/component`."""

DOMAIN: Final = "omniforce.dev"

WAVES: Final = {
    "Namespace": -2,
    "ServiceAccount": -2,
    "Role": -2,
    "RoleBinding": -2,
    "NetworkPolicy": -2,
    "ConfigMap": -1,
    "PersistentVolumeClaim": -1,
    "Broker": 0,
    "Service": 0,
    "JobSink": 0,
    "Trigger": 1,
    "PingSource": 1,
    "Pipeline": 1,
    "PipelineVersion": 1,
    "TrainingRuntime": -1,
    "InferenceService": 2,
    "Experiment": 3,
    "OptimizationJob": 3,
    "RayJob": 3,
    "Job": 4,
}
"""Argo CD's sync wave of each kind: who is needed comes first."""


def make(
    program: Program,
    api_version: str,
    kind: str,
    name: str,
    component: Component,
    *,
    labels: Tree | None = None,
    annotations: Tree | None = None,
    **body: object,
) -> Tree:
    """An object with its metadata; `body` is the rest, in the order given."""
    metadata: Tree = {"name": name}
    if kind not in NAMESPACE_KINDS:
        metadata["namespace"] = namespace_of(program)
    metadata["labels"] = labels_of(program, component) | (labels or {})
    metadata["annotations"] = (annotations or {}) | {
        f"{DOMAIN}/spec-digest": program.digest,
        "argocd.argoproj.io/sync-wave": str(WAVES[kind]),
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def labels_of(program: Program, component: Component) -> Tree:
    """The labels of an object of a study, the writer's own among them."""
    return {
        **dict(program.labels),
        "app.kubernetes.io/name": program.name,
        "app.kubernetes.io/instance": program.name,
        # of the spec and not of the tool: an upgrade of `ofc` alone changes no object
        "app.kubernetes.io/version": version_of(program),
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "omniforce",
        "app.kubernetes.io/managed-by": "ofc",
    }


def pod_labels(program: Program, component: Component) -> Tree:
    """The labels of a pod: nothing that changes by itself, since a new label is a new revision."""
    return {
        **dict(program.labels),
        "app.kubernetes.io/instance": program.name,
        "app.kubernetes.io/component": component,
    }


def version_of(program: Program) -> str:
    """Twelve digits of the spec's digest: the version of all that comes from it."""
    return program.digest.removeprefix("sha256:")[:12]


def identity(tree: Tree) -> tuple[str, str]:
    """Kind and name of an object."""
    metadata = tree["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError(f"an object's metadata is {metadata!r}")
    return str(tree["kind"]), str(metadata["name"])
