"""The estimator of `vision/classifier`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

from omniforce.runtime.data.dataset import Dataset, Part
from omniforce.spec.problem import Problem

from ...estimator import Estimator, wrap
from ...layers import standardise, zeros
from ...torch_models import answers, export, load_weights, save_weights
from ...training import Schedule, fit
from .networks import Architecture, Cnn, Mlp, build

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACTS = "estimator.json"
WEIGHTS = "weights.npz"


class Classifier(Estimator):
    """Learns the class of an image; see `algorithm.yaml` for what the arguments do."""

    @wrap
    def __init__(
        self,
        data_path: str,
        is_trainer: bool,
        seed: int,
        *,
        family: str = "cnn",
        epochs: int = 30,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-4,
        layers: int = 2,
        width: int = 64,
        dropout: float = 0.0,
        blocks: int = 2,
        channels: int | Sequence[int | None] = 16,
        kernel: int = 3,
    ) -> None:
        super().__init__(data_path, is_trainer, seed)
        self.data = Dataset.open(data_path)
        _check(self.data)
        self.schedule = Schedule(
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
        )
        self.architecture: Architecture = (
            Mlp(layers=layers, width=width, dropout=dropout)
            if family == "mlp"
            else Cnn(channels=_per_block(channels, blocks), kernel=kernel)
        )
        self.shape = cast("tuple[int, int, int]", self.data.sample_shape)
        self.classes = self.data.classes
        # One mean and deviation a channel, as pixels of one image share their unit.
        scaling = standardise(torch.from_numpy(self.data.train.x), (0, 2, 3))
        self.network = nn.Sequential(
            scaling, build(self.architecture, self.shape, len(self.classes))
        )

    def train(self) -> None:
        """Minimises the cross entropy on the training rows."""
        train = self.data.train
        x, y = torch.from_numpy(train.x), torch.from_numpy(train.y)
        loss = nn.functional.cross_entropy
        fit(self.network, loss, x, y, self.schedule, self.seed, self._figures)

    @wrap
    def calculate_score(self) -> float:
        """The accuracy on the validation rows."""
        return self._accuracy(self.data.valid)

    def metrics(self) -> dict[str, float]:
        """The accuracy; of the chosen model that on the rows kept back as well."""
        found = self._figures()
        if self.is_trainer and len(self.data.test):
            found["test_accuracy"] = self._accuracy(self.data.test)
        return found

    def _figures(self) -> dict[str, float]:
        return {"accuracy": self._accuracy(self.data.valid)}

    def _accuracy(self, part: Part) -> float:
        return float((self.predict(part.x).argmax(axis=1) == part.y).mean())

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, n x classes."""
        return answers(self._model(), x)

    def _model(self) -> nn.Module:
        return nn.Sequential(self.network, nn.Softmax(dim=1))

    def export_onnx(self, path: Path) -> None:
        """Writes the model, its scaling of pixels included."""
        export(self._model(), self.shape, Path(path), "probabilities")

    def save(self, directory: Path) -> None:
        """Leaves the weights and what the network looks like."""
        facts = {
            "family": "mlp" if isinstance(self.architecture, Mlp) else "cnn",
            "architecture": asdict(self.architecture),
            "shape": self.shape,
            "classes": self.classes,
            "seed": self.seed,
        }
        (Path(directory) / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        save_weights(self.network, Path(directory) / WEIGHTS)

    @classmethod
    def load(cls, directory: Path) -> Classifier:
        """The estimator as it was saved; it has no data to train on."""
        facts = json.loads((Path(directory) / FACTS).read_text(encoding="utf-8"))
        made = cls.__new__(cls)
        Estimator.__init__(made, "", False, facts["seed"])
        found = facts["architecture"]
        made.architecture = (
            Mlp(**found)
            if facts["family"] == "mlp"
            else Cnn(channels=tuple(found["channels"]), kernel=found["kernel"])
        )
        made.shape = cast("tuple[int, int, int]", tuple(facts["shape"]))
        made.classes = tuple(facts["classes"])
        network = build(made.architecture, made.shape, len(made.classes))
        made.network = nn.Sequential(zeros((made.shape[0], 1, 1)), network)
        load_weights(made.network, Path(directory) / WEIGHTS)
        return made


def _per_block(channels: int | Sequence[int | None], blocks: int) -> tuple[int, ...]:
    """The channels of each block: one number for all, or a list with one for each."""
    if isinstance(channels, int):
        return (channels,) * blocks
    return tuple(number for number in channels if number is not None)


def _check(data: Dataset) -> None:
    if data.task != "classification":
        raise Problem(
            "OFC801",
            "`vision/classifier` learns classes, and the target is a number",
            "use `tabular/learner@1`, or a target with classes",
        )
    if len(data.sample_shape) != 3:
        raise Problem(
            "OFC801",
            f"`vision/classifier` learns from images, and a row has {data.sample_shape[0]} columns",
            "use `tabular/learner@1`, or a source of images without steps that add columns",
        )
