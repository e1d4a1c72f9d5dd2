"""Exports a trained model and times it on each device, one measurement at a time."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from omniforce.targets.devices.table import runtime

from ..data.dataset import Dataset
from .contract import TrialRequest, artifact_path, onnx_path
from .load import Trained
from .measuring_names import ROWS

CALIBRATION = 128  # rows; more do not move an int8 scale any further

TIMED = 64  # rows, so that no cache holds the one that is asked again and again


def measure(request: TrialRequest, estimator: Trained) -> dict[str, float]:
    """The figures of every device, by the store's keys.

    The exported model and the artifact of each device are left in the trial's `model_dir`.

    Raises:
        Problem: the model cannot be had in a device's precision, or answers differently in it.
    """
    model = onnx_path(request)
    estimator.export_onnx(model)
    data = _opened(request.data)
    metrics: dict[str, float] = {}
    if request.leaves_model:
        save_rows(model.parent / ROWS, data)
    for device in request.devices:
        artifact = artifact_path(model.parent, device)
        runs = runtime(device)
        runs.convert(model, device, data.train.x[:CALIBRATION], artifact)
        with _alone(request.exclusive):
            measured = runs.measure(artifact, device, data.valid.x[:TIMED])
        metrics |= measured.metrics(device.name)
    if request.is_trainer:
        from .finishing import finish

        metrics |= finish(request, estimator, data)
    return metrics


def save_rows(path: Path, data: Dataset) -> None:
    """Leaves the rows that any device needs to convert and to time a model."""
    import numpy as np

    np.savez(path, calibration=data.train.x[:CALIBRATION], timed=data.valid.x[:TIMED])


@lru_cache(maxsize=1)
def _opened(directory: str) -> Dataset:
    """The prepared data, which a worker reads once for all its trials."""
    return Dataset.open(Path(directory))


@contextmanager
def _alone(lock: str | None) -> Generator[None]:
    """Holds a lock that all measurements on this machine share."""
    if lock is None or sys.platform == "win32":
        yield
        return
    import fcntl

    with open(lock, "a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
