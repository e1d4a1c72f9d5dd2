"""The namespace of a study and the volume for its data and models."""

from __future__ import annotations

from omniforce.compiler.ir.program import Program

from .names import claim_name, namespace_of
from .objects import Tree, make
from .pods import memory


def namespace(program: Program) -> Tree:
    """The Namespace, which admits only pods that Pod Security calls restricted."""
    return make(
        program,
        "v1",
        "Namespace",
        namespace_of(program),
        "search",
        labels={
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/enforce-version": "latest",
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/audit": "restricted",
        },
    )


def storage(program: Program) -> tuple[Tree, ...]:
    """The claim, unless the writer has one."""
    models = program.platform.kubernetes.models
    if models.claim is not None:
        return ()
    spec: Tree = {"accessModes": [models.access]}
    if models.storage_class is not None:
        spec["storageClassName"] = models.storage_class
    spec["resources"] = {"requests": {"storage": memory(models.size)}}
    name = claim_name(program)
    return (make(program, "v1", "PersistentVolumeClaim", name, "tte", spec=spec),)
