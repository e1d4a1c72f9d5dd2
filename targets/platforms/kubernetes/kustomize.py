"""The directory that is committed: one object a file, and the kustomization that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ...target import File
from .objects import Tree, identity
from .yaml_writer import write

NUMBERS: Final = {
    "Namespace": 0,
    "ServiceAccount": 1,
    "Role": 2,
    "RoleBinding": 2,
    "NetworkPolicy": 3,
    "ConfigMap": 10,
    "PersistentVolumeClaim": 11,
    "Broker": 20,
    "Service": 30,
    "JobSink": 31,
    "Trigger": 40,
    "Pipeline": 42,
    "PipelineVersion": 43,
    "InferenceService": 50,
    "TrainingRuntime": 12,
    "Experiment": 61,
    "OptimizationJob": 62,
    "RayJob": 63,
    "Job": 70,
}
"""The number that a kind's file begins with: applied in the order of names, nothing is missing."""


def files(objects: Iterable[Tree]) -> tuple[File, ...]:
    """The files, sorted by path."""
    made = object_files(objects)
    listing: Tree = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f.path for f in made],
    }
    return (*made, File("kustomization.yaml", write(listing)))


def object_files(objects: Iterable[Tree]) -> tuple[File, ...]:
    """One file an object, sorted by path."""
    return tuple(sorted((File(_path(o), write(o)) for o in objects), key=lambda f: f.path))


def _path(tree: Tree) -> str:
    kind, name = identity(tree)
    return f"{NUMBERS[kind]:02d}-{kind.lower()}-{name}.yaml"
