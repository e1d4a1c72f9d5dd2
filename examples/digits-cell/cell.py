"""A convolutional network whose one cell is searched: six operations between four nodes."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from omniforce.runtime.data.dataset import Dataset
from omniforce.stdlib_algorithms import estimator
from omniforce.stdlib_algorithms.torch_models import answers, export, save_weights
from omniforce.stdlib_algorithms.training import Schedule, fit

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""As `graph: {nodes: 4}` has them: by where they lead, then by where they come from."""

CHANNELS = 8


class CellNetwork(estimator.Estimator):
    """A stem, the cell, and a classifier of what comes out of its last node."""

    @estimator.wrap
    def __init__(
        self,
        data_path: str,
        is_trainer: bool,
        seed: int,
        *,
        edge: list[str],
        epochs: int = 6,
    ) -> None:
        super().__init__(data_path, is_trainer, seed)
        self.data = Dataset.open(data_path)
        self.schedule = Schedule(
            epochs=epochs, batch_size=64, learning_rate=1e-2, weight_decay=1e-4
        )
        self.model = nn.Sequential(
            nn.Conv2d(self.data.sample_shape[0], CHANNELS, 3, padding=1),
            Cell(edge),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(4 * CHANNELS, len(self.data.classes)),
        )

    def train(self) -> None:
        x, y = torch.from_numpy(self.data.train.x), torch.from_numpy(self.data.train.y)
        fit(self.model, nn.functional.cross_entropy, x, y, self.schedule, self.seed)

    @estimator.wrap
    def calculate_score(self) -> float:
        valid = self.data.valid
        return float((self.predict(valid.x).argmax(axis=1) == valid.y).mean())

    def metrics(self) -> dict[str, float]:
        return {"accuracy": self.calculate_score()}

    def predict(self, x):
        return answers(nn.Sequential(self.model, nn.Softmax(dim=1)), x)

    def export_onnx(self, path: Path) -> None:
        whole = nn.Sequential(self.model, nn.Softmax(dim=1))
        export(whole, self.data.sample_shape, Path(path), "probabilities")

    def save(self, directory: Path) -> None:
        save_weights(self.model, Path(directory) / "weights.npz")


class Cell(nn.Module):
    """What leads to a node is added up there. An edge that is `none` is not there at all."""

    def __init__(self, operations: list[str]) -> None:
        super().__init__()
        self.edges = nn.ModuleDict(
            {
                f"{source}>{target}": operation(name)
                for (source, target), name in zip(EDGES, operations, strict=True)
                if name != "none"
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x]
        for target in (1, 2, 3):
            brought = [
                self.edges[f"{source}>{target}"](nodes[source])
                for source in range(target)
                if f"{source}>{target}" in self.edges
            ]
            nodes.append(sum(brought, torch.zeros_like(x)))
        return nodes[-1]


def operation(name: str) -> nn.Module:
    """What stands on an edge."""
    match name:
        case "skip":
            return nn.Identity()
        case "conv_1x1":
            return convolution(1)
        case "conv_3x3":
            return convolution(3)
        case _:
            return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)


def convolution(size: int) -> nn.Module:
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(CHANNELS, CHANNELS, size, padding=size // 2, bias=False),
        nn.BatchNorm2d(CHANNELS),
    )
