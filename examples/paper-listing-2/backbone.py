"""The paper's Listing 1, filled in: a backbone of the blocks that Listing 2 searches over."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from omniforce.runtime.data.dataset import Dataset
from omniforce.stdlib_algorithms import estimator
from omniforce.stdlib_algorithms.torch_models import answers, export, save_weights
from omniforce.stdlib_algorithms.training import Schedule, fit

STEM = 64  # channels before the first block
HEADS = 4


class Backbone(estimator.Estimator):
    """Blocks of residual convolutions or of attention, one after the other, and a classifier."""

    @estimator.wrap
    def __init__(
        self,
        data_path: str,
        is_trainer: bool,
        seed: int,
        *,
        learning_rate: float = 1e-3,
        epochs: int = 5,
        **model_args: object,  # what Listing 2 searches: arrays with an entry for each block
    ) -> None:
        super().__init__(data_path, is_trainer, seed)
        self.data = Dataset.open(data_path)
        self.schedule = Schedule(
            epochs=epochs, batch_size=64, learning_rate=learning_rate, weight_decay=1e-4
        )
        self.model = build(
            self.data.sample_shape[0],
            len(self.data.classes),
            {k: v for k, v in model_args.items() if isinstance(v, list)},
        )

    def train(self) -> None:
        x, y = torch.from_numpy(self.data.train.x), torch.from_numpy(self.data.train.y)
        fit(self.model, nn.functional.cross_entropy, x, y, self.schedule, self.seed)

    @estimator.wrap
    def calculate_score(self) -> float:
        """Compute scores to evaluate search models."""
        valid = self.data.valid
        return float((self.predict(valid.x).argmax(axis=1) == valid.y).mean())

    def metrics(self) -> dict[str, float]:
        return {"accuracy": self.calculate_score()}

    # Three more, so that the model can be measured on a device and served.

    def predict(self, x):
        return answers(nn.Sequential(self.model, nn.Softmax(dim=1)), x)

    def export_onnx(self, path: Path) -> None:
        whole = nn.Sequential(self.model, nn.Softmax(dim=1))
        export(whole, self.data.sample_shape, Path(path), "probabilities")

    def save(self, directory: Path) -> None:
        save_weights(self.model, Path(directory) / "weights.npz")


def build(inputs: int, classes: int, arrays: dict[str, list]) -> nn.Module:
    """The network of one point of the search space; an array has None where a block has no part."""
    parts = [nn.Conv2d(inputs, STEM, 3, padding=1)]
    channels = STEM
    for i, kind in enumerate(arrays["block_type"]):
        if kind == "resnet":
            for wanted in arrays["nums_channel"][i]:  # one for each of the block's layers
                parts.append(Residual(channels, wanted))
                channels = wanted
        else:
            parts.append(Transformer(channels, arrays["mlp_expend_ratio"][i]))
    return nn.Sequential(
        *parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    )


class Residual(nn.Module):
    """A convolution beside a shortcut, which is a projection where the channels change."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
        )
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class Transformer(nn.Module):
    """Attention between all pixels, and a perceptron `ratio` times as wide as a pixel."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attention = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, ratio * channels), nn.GELU(), nn.Linear(ratio * channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        _, channels, height, width = x.shape
        tokens = x.flatten(2).transpose(1, 2)  # batch x pixels x channels
        heads = self.attention(self.before(tokens))
        heads = heads.reshape(-1, height * width, 3, HEADS, channels // HEADS)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.out(seen.transpose(1, 2).reshape(-1, height * width, channels))
        tokens = tokens + self.mlp(self.between(tokens))
        return tokens.transpose(1, 2).reshape(-1, channels, height, width)
