"""Runs the space's defaults as one whole trial: the figures that a search must beat."""

from __future__ import annotations

import tempfile

from omniforce.spec.problem import Problem

from ..trial.asking import wanted_metrics
from ..trial.contract import TrialRequest, seed_of
from ..trial.execute import execute
from .defaults import default_arguments
from .task import Task


def run(task: Task) -> None:
    """Trains, measures, and writes `--metrics`.

    Raises:
        Problem: the trial gave no result, so a search would give none either.
    """
    search = task.search
    with tempfile.TemporaryDirectory(prefix="ofc-model-") as directory:
        report = execute(
            TrialRequest(
                study=task.program.name,
                trial=0,
                arguments=default_arguments(search),
                algorithm=search.algorithm,
                data=task.value("data"),
                seed=seed_of(search.seed, 0),
                devices=search.devices,
                metrics=wanted_metrics(search),
                model_dir=directory,
                timeout=search.timeout,
            )
        )
    if report.outcome != "completed":
        raise Problem(
            "OFC774",
            f"the defaults give no result: {report.message}",
            "see the output above; no search was started",
        )
    task.write_figures("metrics", report.metrics)
