"""The kinds that a trial on several nodes can become. To add one, add its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import training_of

from ..names import content_name
from ..objects import Tree, make
from . import mpi_job, pytorch_job, ray_job, train_job


@dataclass(frozen=True, slots=True)
class TrainingKind:
    """One kind.

    Attributes:
        resource: its plural, as the API server's paths and RBAC have it.
        training_object: of one attempt, with placeholders.
        objects: what stands there before any trial.
        enforce: what Pod Security may ask of its namespace.
        needs_api: whether its pods speak to the API server.
    """

    resource: str
    training_object: Callable[[Program, str], Tree]
    objects: Callable[[Program, str], tuple[Tree, ...]]
    enforce: str = "restricted"
    needs_api: bool = False


TRAINING_KINDS: Final[dict[str, TrainingKind]] = {
    "TrainJob": TrainingKind("trainjobs", train_job.training_object, train_job.objects),
    "PyTorchJob": TrainingKind("pytorchjobs", pytorch_job.training_object, pytorch_job.objects),
    "MPIJob": TrainingKind(
        "mpijobs", mpi_job.training_object, mpi_job.objects, "baseline", needs_api=True
    ),
    "RayJob": TrainingKind("rayjobs", ray_job.training_object, ray_job.objects),
}


def training_kind(program: Program) -> TrainingKind | None:
    """Of a trial; None where it is a Job."""
    training = training_of(program)
    return None if training is None else TRAINING_KINDS[training.kind]


def training_objects(program: Program, config: str) -> tuple[Tree, ...]:
    """The ConfigMap with the object of an attempt, which dispatch reads, and what that needs.

    `config` is the ConfigMap with the compiled study.
    """
    kind = training_kind(program)
    if kind is None:
        return ()
    data = _data(program, kind, config)
    name = training_map_name(program, config)
    made = make(program, "v1", "ConfigMap", name, "worker", immutable=True, data=data)
    return (made, *kind.objects(program, config))


def training_map_name(program: Program, config: str) -> str:
    """The ConfigMap's name, with a hash of what is in it."""
    kind = training_kind(program)
    content = "" if kind is None else "\0".join(_data(program, kind, config).values())
    return content_name(program, "training", content)


def _data(program: Program, kind: TrainingKind, config: str) -> dict[str, str]:
    found = {"resource": kind.resource, "object": kind.training_object(program, config)}
    return {"training.json": canonical(found)}
