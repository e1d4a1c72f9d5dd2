"""Trains the chosen parameters once more, judges them on the test part, and keeps the model."""

from __future__ import annotations

import json

from omniforce.spec.problem import Problem

from ..trial.asking import arguments_of
from ..trial.contract import TrialRequest, seed_of
from ..trial.execute import execute
from .task import Task

FACTS = "training.json"


def run(task: Task) -> None:
    """Leaves the estimator and `training.json` in `--model`, and the figures in `--metrics`.

    Raises:
        Problem: the training gave no result.
    """
    search = task.search
    chosen = json.loads(task.value("parameters"))
    arguments = arguments_of(search, chosen["point"])
    directory = task.folder("model")
    report = execute(
        TrialRequest(
            study=task.program.name,
            trial=chosen["trial"],
            arguments=arguments,
            algorithm=task.train.algorithm,
            data=task.value("data"),
            seed=seed_of(search.seed, chosen["trial"]),
            model_dir=str(directory),
            timeout=search.timeout,
            is_trainer=True,
        )
    )
    if report.outcome != "completed":
        raise Problem(
            "OFC767",
            f"the chosen model (trial {chosen['trial']}) could not be made: {report.message}",
            "see the output above",
        )
    facts = {
        "trial": chosen["trial"],
        "arguments": arguments,
        "metrics": dict(report.metrics),
    }
    (directory / FACTS).write_text(json.dumps(facts, sort_keys=True) + "\n", encoding="utf-8")
    task.write_figures("metrics", report.metrics)
