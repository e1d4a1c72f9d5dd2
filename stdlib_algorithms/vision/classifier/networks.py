"""The two families: a perceptron over all pixels, and blocks of convolutions."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ...layers import perceptron


@dataclass(frozen=True, slots=True, kw_only=True)
class Mlp:
    """`layers` hidden layers of `width` units."""

    layers: int
    width: int
    dropout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cnn:
    """A block per entry of `channels`, each with a `kernel` x `kernel` convolution."""

    channels: tuple[int, ...]
    kernel: int


Architecture = Mlp | Cnn


def build(architecture: Architecture, shape: tuple[int, int, int], classes: int) -> nn.Module:
    """The network, from images n x channels x height x width to logits n x `classes`."""
    channels, height, width = shape
    match architecture:
        case Mlp(layers=layers, width=units, dropout=dropout):
            inputs = channels * height * width
            head = perceptron(inputs, classes, layers=layers, width=units, dropout=dropout)
            return nn.Sequential(nn.Flatten(), head)
        case Cnn():
            return _convolutions(architecture, shape, classes)


def _convolutions(cnn: Cnn, shape: tuple[int, int, int], classes: int) -> nn.Module:
    inputs, height, width = shape
    parts: list[nn.Module] = []
    for outputs in cnn.channels:
        parts += [
            nn.Conv2d(inputs, outputs, cnn.kernel, padding=cnn.kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
        if min(height, width) >= 2:
            parts.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        inputs = outputs
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(inputs * height * width, classes))
