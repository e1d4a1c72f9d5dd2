"""What the store calls the files of a trial that is being measured."""

from __future__ import annotations

MODEL = "model.onnx"
ROWS = "rows.npz"
REPORT = "report.json"
"""What the training itself reported."""


def figures_of(device: str) -> str:
    """The figures of one device, as JSON."""
    return f"measured-{device}.json"
