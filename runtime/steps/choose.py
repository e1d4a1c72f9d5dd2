"""Reads from the store which trial's model is wanted, and hands its parameters on."""

from __future__ import annotations

import json

from omniforce.spec.problem import Problem

from ..choice import choose
from ..store.store import Store
from .task import Task


def run(task: Task) -> None:
    """Writes `--parameters`: the trial's number and its point, as JSON.

    Raises:
        Problem: no trial is good enough, or the store cannot be read.
    """
    search, name = task.search, task.program.name
    store = Store.open(task.environment.get("OFC_STORE_URL", ""))
    try:
        trial = choose(search.model, search.goals, store.trials(name))
    finally:
        store.close()
    if trial is None:
        raise Problem(
            "OFC776",
            f"no trial of `{name}` keeps every requirement",
            "loosen a `require` objective or give the search a larger budget",
        )
    chosen = {"trial": trial.number, "point": dict(trial.present_point)}
    task.write("parameters", json.dumps(chosen, sort_keys=True))
