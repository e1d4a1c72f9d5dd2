"""Reads the data, splits it and makes the features; leaves them in `--data`."""

from __future__ import annotations

from ..data.prepare import prepare
from .task import Task


def run(task: Task) -> None:
    """Prepares straight into the artifact's folder."""
    prepare(task.prepare, task.path("data"))
