"""What runs a requested trial on a cluster: the value of `ofcrunner`, so that one takes it."""

from __future__ import annotations

from typing import Final

from omniforce.spec.blocks.training import KINDS, Training

from .ir.program import Program, Search

JOB: Final = "job"
"""A Job that the JobSink makes."""

RUNNERS: Final = (JOB, *(kind.lower() for kind in KINDS))


TRAINING_RESOURCES: Final[dict[str, tuple[str, str]]] = {
    "TrainJob": ("trainer.kubeflow.org", "trainjobs"),
    "PyTorchJob": ("kubeflow.org", "pytorchjobs"),
    "MPIJob": ("kubeflow.org", "mpijobs"),
    "RayJob": ("ray.io", "rayjobs"),
}
"""API group and plural of each kind; their objects are named by trial, at run time."""


def training_of(program: Program) -> Training | None:
    """What a trial becomes where it is more than a Job: as the spec says, or a TrainJob."""
    written = program.platform.kubernetes.training
    if written is not None:
        return written
    searches = (step for step in program.steps if isinstance(step, Search))
    several = any(search.nodes.most > 1 for search in searches)
    return Training() if several else None


def runner_of(program: Program) -> str:
    """`job`, `trainjob`, `pytorchjob`, `mpijob` or `rayjob`."""
    training = training_of(program)
    return JOB if training is None else training.kind.lower()
