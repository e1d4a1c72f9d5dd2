"""Whether a chosen model's artifacts answer as it does, and answers to hold others against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omniforce.spec.problem import Problem
from omniforce.targets.devices.table import runtime

from ..data.dataset import Dataset
from .contract import TrialRequest, artifact_path
from .load import Trained

REFERENCE = "reference.npz"
_COMPARED = 256  # rows
_ASKED = 8  # rows that a server is asked about


def finish(request: TrialRequest, estimator: Trained, data: Dataset) -> dict[str, float]:
    """Compares every artifact with the estimator's own answers on real rows.

    Returns:
        `difference@<device>`, the greatest, and `tolerance@<device>`, what it may be.

    Raises:
        Problem: an artifact answers differently.
    """
    directory = Path(request.model_dir)
    part = data.test if len(data.test) else data.valid
    x = part.x[:_COMPARED]
    expected = estimator.predict(x)
    np.savez(directory / REFERENCE, x=x[:_ASKED], y=expected[:_ASKED])
    figures: dict[str, float] = {}
    for device in request.devices:
        artifact = artifact_path(directory, device)
        found = runtime(device).verify(artifact, device, x, expected)
        if not found.holds:
            raise Problem(
                "OFC769",
                f"the model for `{device.name}` answers differently from the one that was "
                f"trained: by {found.error:.3g}, {found.tolerance:.3g} is allowed",
                f"measure `{device.name}` with `precision: fp32`, or look at `export_onnx`",
            )
        figures |= {
            f"difference@{device.name}": found.error,
            f"tolerance@{device.name}": found.tolerance,
        }
    return figures


def reference(directory: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows and the trained model's answers to them, as `finish` left them."""
    with np.load(directory / REFERENCE, allow_pickle=False) as arrays:
        return arrays["x"], arrays["y"]
