"""Layers that the networks here share."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Affine(nn.Module):
    """`x * scale + shift`, with constants learnt from the training rows and kept in the model.

    It stands at both ends of a network, so that a served model takes and gives the data's own
    units and nobody has to carry its scaling along.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.register_buffer("scale", scale)
        self.register_buffer("shift", shift)

    def forward(self, x: Tensor) -> Tensor:
        """Of the same shape as `x`."""
        return x * self.scale + self.shift


def standardise(x: Tensor, over: tuple[int, ...]) -> Affine:
    """To zero mean and unit deviation over the axes `over`; a constant column is only shifted."""
    mean = x.mean(dim=over, keepdim=True)[0]
    deviation = x.std(dim=over, keepdim=True, correction=0)[0]
    deviation = torch.where(deviation > 0, deviation, torch.ones_like(deviation))
    return Affine(1 / deviation, -mean / deviation)


def inverse(affine: Affine) -> Affine:
    """What undoes it."""
    return Affine(1 / affine.scale, -affine.shift / affine.scale)


def perceptron(
    inputs: int, outputs: int, *, layers: int, width: int, dropout: float
) -> nn.Sequential:
    """`layers` hidden layers of `width` with ReLU and dropout, and a linear one."""
    parts: list[nn.Module] = []
    for _ in range(layers):
        parts += [nn.Linear(inputs, width), nn.ReLU()]
        parts += [nn.Dropout(dropout)] if dropout > 0 else []
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, outputs))


def zeros(shape: tuple[int, ...]) -> Affine:
    """An affine layer to load the constants of a saved model into."""
    return Affine(torch.ones(shape), torch.zeros(shape))
