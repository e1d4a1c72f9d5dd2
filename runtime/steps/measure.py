"""Times the artifact on its device, and holds it against what the spec requires of it."""

from __future__ import annotations

from omniforce.spec.problem import Problem
from omniforce.targets.devices.table import runtime

from ..choice import keeps, requirements
from ..data.dataset import Dataset
from ..models.description import MODEL
from ..trial.measuring import TIMED
from .task import Task


def run(task: Task) -> None:
    """Writes `--metrics`.

    Raises:
        Problem: the released model breaks a requirement that its trial kept.
    """
    device = task.device()
    data = Dataset.open(task.path("data"))
    measured = runtime(device).measure(task.path("artifact") / MODEL, device, data.valid.x[:TIMED])
    figures = measured.metrics(device.name)
    task.write_figures("metrics", figures)
    for requirement in requirements(task.search.goals):
        if requirement.metric.device == device.name and not keeps(requirement, figures):
            raise Problem(
                "OFC777",
                f"`{requirement.metric.key}` is {figures[requirement.metric.key]:.6g}, "
                "which breaks its requirement",
                "the model is not released; measure on a quieter device, or loosen the bound",
            )
