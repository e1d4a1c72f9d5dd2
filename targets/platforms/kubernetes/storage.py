"""The namespace of a study and the volume for its data and models."""

from __future__ import annotations

from omniforce.compiler.ir.program import Program

from .names import claim_name, namespace_of
from .objects import Tree, make
from .pods import memory


def namespace(program: Program, *, enforce: str = "restricted", labels: Tree | None = None) -> Tree:
    """The Namespace, which admits only pods that Pod Security calls `enforce`."""
    security: Tree = {
        "pod-security.kubernetes.io/enforce": enforce,
        "pod-security.kubernetes.io/enforce-version": "latest",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
    }
    name = namespace_of(program)
    return make(program, "v1", "Namespace", name, "search", labels=security | (labels or {}))


def storage(program: Program) -> tuple[Tree, ...]:
    """The claim, unless the writer has one."""
    models = program.platform.kubernetes.models
    if models.claim_name is not None:
        return ()
    spec: Tree = {"accessModes": [models.access_mode]}
    if models.storage_class is not None:
        spec["storageClassName"] = models.storage_class
    spec["resources"] = {"requests": {"storage": memory(models.size)}}
    name = claim_name(program)
    return (make(program, "v1", "PersistentVolumeClaim", name, "tte", spec=spec),)
