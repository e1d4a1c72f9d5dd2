"""What both families can do: learn, answer, and leave as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from omniforce.runtime.data.dataset import Part


class Model(Protocol):
    """A model of a table with a fixed number of columns."""

    def fit(self, train: Part, seed: int, figures: Callable[[], Mapping[str, float]]) -> None:
        """Learns from the training rows; what learns step by step reports the figures of each."""
        ...

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, n x classes, or predictions, n x 1."""
        ...

    def export_onnx(self, path: Path) -> None:
        """Writes ONNX with the input `input` and one output."""
        ...

    def save(self, directory: Path) -> None:
        """Leaves what `load` needs."""
        ...

    def load(self, directory: Path) -> None:
        """Reads what `save` left into a model that was made with the same arguments."""
        ...


OUTPUT = {True: "probabilities", False: "prediction"}
"""What the output is called, by whether the target has classes."""
