"""Makes of the trained model what a device runs, and checks it against the original."""

from __future__ import annotations

import json
from pathlib import Path

from omniforce.targets.devices.table import runtime

from ..data.dataset import Dataset
from ..models.description import MODEL, describe, write
from ..trial.contract import TrialRequest, artifact_path
from ..trial.finishing import finish
from ..trial.load import load_saved
from ..trial.measuring import CALIBRATION
from .task import Task
from .train import FACTS


def run(task: Task) -> None:
    """Leaves `model.onnx` and `model.json` in `--artifact`.

    Raises:
        Problem: the artifact answers differently, or cannot be had in the device's precision.
    """
    device, directory = task.device(), task.folder("artifact")
    data = Dataset.open(task.path("data"))
    trained = task.path("model")
    facts = json.loads((trained / FACTS).read_text(encoding="utf-8"))
    estimator = load_saved(task.train.algorithm.estimator, trained / "estimator")
    exported, artifact = directory / "exported.onnx", artifact_path(directory, device)
    estimator.export_onnx(exported)
    runtime(device).convert(exported, device, data.train.x[:CALIBRATION], artifact)
    request = TrialRequest(
        study=task.program.name,
        trial=facts["trial"],
        arguments=facts["arguments"],
        algorithm=task.train.algorithm,
        data=task.value("data"),
        devices=(device,),
        model_dir=str(directory),
        timeout=task.search.timeout,
    )
    checked = finish(request, estimator, data)
    exported.unlink()
    artifact.replace(directory / MODEL)
    algorithm = task.train.algorithm
    write(
        describe(
            data,
            study=task.program.name,
            trial=facts["trial"],
            algorithm=f"{algorithm.name}@{algorithm.version}",
            arguments=facts["arguments"],
            metrics=facts["metrics"] | checked,
        ),
        Path(directory),
    )
