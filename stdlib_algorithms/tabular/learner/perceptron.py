"""The perceptron: columns and target standardised inside the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from ...layers import inverse, perceptron, standardise, zeros
from ...torch_models import answers, export, load_weights, save_weights
from ...training import Schedule, fit
from .model import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from omniforce.runtime.data.dataset import Part

WEIGHTS = "weights.npz"


@dataclass(slots=True, kw_only=True)
class Perceptron:
    """A network with `layers` hidden layers of `width`.

    Attributes:
        columns: of a row.
        classes: how many; 0 for a regression.
        network: standardised columns, then layers; its last step undoes the standardisation of
            the target, or makes probabilities of logits.
    """

    columns: int
    classes: int
    layers: int
    width: int
    dropout: float
    schedule: Schedule
    network: nn.Sequential = field(init=False)

    def __post_init__(self) -> None:
        body = perceptron(
            self.columns,
            self.classes or 1,
            layers=self.layers,
            width=self.width,
            dropout=self.dropout,
        )
        last = nn.Softmax(dim=1) if self.classes else zeros((1,))
        self.network = nn.Sequential(zeros((self.columns,)), body, last)

    def fit(self, train: Part, seed: int, figures: Callable[[], Mapping[str, float]]) -> None:
        """Minimises cross entropy, or the squared error of the standardised target."""
        x, y = torch.from_numpy(train.x), torch.from_numpy(train.y)
        self.network[0] = standardise(x, (0,))
        trained = self.network[:2]
        if self.classes:
            fit(trained, nn.functional.cross_entropy, x, y, self.schedule, seed, figures)
            return
        target = y.unsqueeze(1)
        scaling = standardise(target, (0,))
        self.network[2] = inverse(scaling)
        fit(trained, nn.functional.mse_loss, x, scaling(target), self.schedule, seed, figures)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, n x classes, or predictions, n x 1."""
        return answers(self.network, x)

    def export_onnx(self, path: Path) -> None:
        """Writes the whole network."""
        export(self.network, (self.columns,), path, OUTPUT[bool(self.classes)])

    def save(self, directory: Path) -> None:
        """Leaves the weights, the scaling among them."""
        save_weights(self.network, directory / WEIGHTS)

    def load(self, directory: Path) -> None:
        """Reads the weights."""
        load_weights(self.network, directory / WEIGHTS)
