"""Boosted trees, scikit-learn's. They are saved as ONNX, since their own form is a pickle."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .model import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from omniforce.runtime.data.dataset import Part

SAVED = "boosting.onnx"


@dataclass(slots=True, kw_only=True)
class Boosting:
    """`trees` trees, one after the other, each on what the ones before left over.

    Attributes:
        columns: of a row.
        classes: how many; 0 for a regression.
        fitted: scikit-learn's model, of which nothing but its own library knows the type.
        saved: the ONNX file that stands for it where it was loaded and not fitted.
    """

    columns: int
    classes: int
    trees: int
    leaves: int
    min_leaf: int
    l2: float
    learning_rate: float
    fitted: Any = field(init=False, default=None)
    saved: Path | None = field(init=False, default=None)

    def fit(self, train: Part, seed: int, figures: Callable[[], Mapping[str, float]]) -> None:
        """Fits in one go, so that nothing is reported before.

        Nothing is held back for early stopping, so that `trees` means what it says.
        """
        from sklearn.ensemble import (
            HistGradientBoostingClassifier,
            HistGradientBoostingRegressor,
        )

        kind = HistGradientBoostingClassifier if self.classes else HistGradientBoostingRegressor
        make: Any = kind  # its stubs take `early_stopping` for a string
        self.fitted = make(
            max_iter=self.trees,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.min_leaf,
            l2_regularization=self.l2,
            learning_rate=self.learning_rate,
            early_stopping=False,
            random_state=seed,
        ).fit(train.x, train.y)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, n x classes, or predictions, n x 1."""
        if self.saved is not None:
            return _answers(self.saved, x)
        if self.classes:
            return np.asarray(self.fitted.predict_proba(x), dtype=np.float32)
        return np.asarray(self.fitted.predict(x), dtype=np.float32).reshape(-1, 1)

    def export_onnx(self, path: Path) -> None:
        """Writes the trees as one operator, with probabilities or predictions as only output."""
        if self.saved is not None:
            shutil.copyfile(self.saved, path)
            return
        path.write_bytes(self._onnx())

    def _onnx(self) -> bytes:
        from .trees_to_onnx import Trees, to_onnx

        # scikit-learn shows its trees nowhere in public; a test compares every answer.
        rounds = [[tree.nodes for tree in trees] for trees in self.fitted._predictors]
        baseline = np.asarray(self.fitted._baseline_prediction, dtype=np.float64).ravel()
        return to_onnx(
            Trees(rounds, baseline, self.columns, self.classes), OUTPUT[bool(self.classes)]
        )

    def save(self, directory: Path) -> None:
        """Leaves the ONNX model, which says all of it."""
        self.export_onnx(directory / SAVED)

    def load(self, directory: Path) -> None:
        """From here on the ONNX model answers."""
        self.saved = directory / SAVED


def _answers(path: Path, x: NDArray[np.float32]) -> NDArray[np.float32]:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when it is imported
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    made: Any = session.run(None, {"input": x})[0]
    answers: NDArray[np.float32] = made
    return answers
