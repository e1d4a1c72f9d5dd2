"""The estimator of `tabular/learner`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from omniforce.runtime.data.dataset import Dataset, Part
from omniforce.spec.problem import Problem

from ...estimator import Estimator, wrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .model import Model

FACTS = "estimator.json"


class Learner(Estimator):
    """Learns a column from the others; see `algorithm.yaml` for what the arguments do."""

    @wrap
    def __init__(
        self,
        data_path: str,
        is_trainer: bool,
        seed: int,
        *,
        family: str = "boosting",
        learning_rate: float = 0.05,
        trees: int = 100,
        leaves: int = 15,
        min_leaf: int = 20,
        l2: float = 0.0,
        epochs: int = 60,
        batch_size: int = 64,
        weight_decay: float = 1e-4,
        layers: int = 2,
        width: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(data_path, is_trainer, seed)
        self.data = Dataset.open(data_path)
        if len(self.data.sample_shape) != 1:
            raise Problem(
                "OFC801",
                f"`tabular/learner` learns from columns, and a row is {self.data.sample_shape}",
                "use `vision/classifier@1` for images",
            )
        self.classes = len(self.data.classes)
        shared = {"columns": self.data.sample_shape[0], "classes": self.classes}
        own: dict[str, float] = (
            {
                "trees": trees,
                "leaves": leaves,
                "min_leaf": min_leaf,
                "l2": l2,
                "learning_rate": learning_rate,
            }
            if family == "boosting"
            else {
                "layers": layers,
                "width": width,
                "dropout": dropout,
                "epochs": epochs,
                "batch_size": batch_size,
                "learning_rate": learning_rate,
                "weight_decay": weight_decay,
            }
        )
        self.family = family
        self.arguments: dict[str, float] = shared | own
        self.model = _model(family, self.arguments)

    def train(self) -> None:
        """Fits the family's model."""
        self.model.fit(self.data.train, self.seed, lambda: self._figures(self.data.valid))

    @wrap
    def calculate_score(self) -> float:
        """The accuracy on the validation rows, or for a regression R2: higher is better."""
        found = self._figures(self.data.valid)
        return found["accuracy" if self.classes else "r2"]

    def metrics(self) -> dict[str, float]:
        """The figures on the validation rows; of the chosen model also on those kept back."""
        found = self._figures(self.data.valid)
        if self.is_trainer and len(self.data.test):
            kept = self._figures(self.data.test)
            found |= {f"test_{name}": value for name, value in kept.items()}
        return found

    def _figures(self, part: Part) -> dict[str, float]:
        answers = self.predict(part.x)
        if self.classes:
            return {"accuracy": float((answers.argmax(axis=1) == part.y).mean())}
        error = answers[:, 0].astype(np.float64) - part.y
        spread = float(np.square(part.y - part.y.mean(dtype=np.float64)).sum())
        explained = 1 - float(np.square(error).sum()) / spread if spread > 0 else math.nan
        return {"rmse": float(np.sqrt(np.square(error).mean())), "r2": explained}

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, n x classes, or predictions, n x 1."""
        return self.model.predict(x)

    def export_onnx(self, path: Path) -> None:
        """Writes the model; it takes the data's columns and gives the target's own unit."""
        self.model.export_onnx(Path(path))

    def save(self, directory: Path) -> None:
        """Leaves the model, and the arguments to make it again."""
        facts = {"family": self.family, "arguments": self.arguments, "seed": self.seed}
        (Path(directory) / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        self.model.save(Path(directory))

    @classmethod
    def load(cls, directory: Path) -> Learner:
        """The estimator as it was saved; it has no data to train on."""
        facts = json.loads((Path(directory) / FACTS).read_text(encoding="utf-8"))
        made = cls.__new__(cls)
        Estimator.__init__(made, "", False, facts["seed"])
        made.family, made.arguments = facts["family"], facts["arguments"]
        made.classes = facts["arguments"]["classes"]
        made.model = _model(made.family, made.arguments)
        made.model.load(Path(directory))
        return made


def _model(family: str, arguments: dict[str, float]) -> Model:
    """The model of a family, not yet fitted. Trees do without torch, which takes a second."""
    numbers = {name: cast("int", value) for name, value in arguments.items()}
    if family == "boosting":
        from .boosting import Boosting

        return Boosting(**numbers)
    from ...training import Schedule
    from .perceptron import Perceptron

    schedule = Schedule(
        **{n: numbers.pop(n) for n in ("epochs", "batch_size", "learning_rate", "weight_decay")}
    )
    return Perceptron(**numbers, schedule=schedule)
