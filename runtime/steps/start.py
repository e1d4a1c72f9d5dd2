"""Sends `study.started`, which wakes the search; nothing of this pipeline runs after it."""

from __future__ import annotations

import time

from omniforce.spec.problem import Problem

from ..events import study_started
from ..outbox import post
from .task import Task


def run(task: Task) -> None:
    """Sends it; a search that was started before takes it for the same event.

    Raises:
        Problem: the broker did not take it.
    """
    broker = task.environment.get("OFC_BROKER", "")
    sent = post(study_started(task.program.name, time.time()), broker) if broker else "unreachable"
    if sent in ("refused", "unreachable"):
        raise Problem(
            "OFC775",
            f"the broker `{broker}` did not take `study.started`",
            "see that the Broker and its Triggers are Ready, and run the step again",
        )
