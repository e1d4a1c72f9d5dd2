"""A small network that says what to expect and how noisy that is, and which way it fits better.

    inputs -> 50 tanh -> 50 tanh -> mean, log variance of the noise

Its parameters stand in one vector, so that a sampler need not know of layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

UNITS = 50
QUIETEST, LOUDEST = -14.0, 4.0
"""Bounds of the log variance, outside of which figures are standardised in vain."""

NOISE_MEAN, NOISE_DEVIATION = -6.0, 1.5
"""The prior of the noise's log variance; the Gaussian process's."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The parameters of one network or, in front, of several.

    Attributes:
        inner: ... x w x units.
        first: ... x units.
        outer: ... x units x units.
        second: ... x units.
        last: ... x units x 2, for the mean and the log variance.
        third: ... x 2.
    """

    inner: Tensor
    first: Tensor
    outer: Tensor
    second: Tensor
    last: Tensor
    third: Tensor

    @classmethod
    def of(cls, flat: Tensor, width: int) -> Layers:
        """The parameters that a vector holds  # ... x p."""
        pieces = torch.split(flat, [math.prod(each) for each in shapes(width)], dim=-1)
        front = flat.shape[:-1]
        return cls(
            *(
                each.reshape(*front, *shape)
                for each, shape in zip(pieces, shapes(width), strict=True)
            )
        )

    def __call__(self, inputs: Tensor) -> Tensor:
        """Mean and log variance, by every network  # n x w -> ... x n x 2."""
        hidden = torch.tanh(inputs @ self.inner + self.first.unsqueeze(-2))
        units = torch.tanh(hidden @ self.outer + self.second.unsqueeze(-2))
        return units @ self.last + self.third.unsqueeze(-2)


def shapes(width: int) -> tuple[tuple[int, ...], ...]:
    """Of the parameters, in the order of their vector."""
    return ((width, UNITS), (UNITS,), (UNITS, UNITS), (UNITS,), (UNITS, 2), (2,))


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal distributions of the parameters  # p, p."""

    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, width: int) -> Prior:
        """Such that a unit's input has about unit deviation (Neal 1996, section 2.1)."""
        mean = [torch.zeros(shape, dtype=torch.float64) for shape in shapes(width)]
        deviation = [torch.ones_like(each) for each in mean]
        deviation[0] *= 1.0 / math.sqrt(max(width, 1))
        deviation[2] *= 1.5 / math.sqrt(UNITS)
        deviation[4] *= 1.5 / math.sqrt(UNITS)
        # The noise is mostly the same everywhere; the head may say otherwise.
        deviation[4][:, 1] *= 0.3
        mean[5][1], deviation[5][1] = NOISE_MEAN, NOISE_DEVIATION
        return cls(
            torch.cat([each.flatten() for each in mean]),
            torch.cat([each.flatten() for each in deviation]),
        )


def slope_of_potential(
    flat: Tensor, inputs: Tensor, y: Tensor, share: float, prior: Prior
) -> Tensor:
    """Of the negative log posterior over the number of all trials, estimated from some  # p.

    Args:
        flat: the parameters  # p
        inputs: of some trials  # b x w
        y: their figures  # b
        share: one over the number of all trials.
        prior: of the parameters.
    """
    layers = Layers.of(flat, inputs.shape[1])
    hidden = torch.tanh(inputs @ layers.inner + layers.first)
    units = torch.tanh(hidden @ layers.outer + layers.second)
    mean, spread = (units @ layers.last + layers.third).unbind(-1)
    held = spread.clamp(QUIETEST, LOUDEST)
    error, precision = mean - y, torch.exp(-held)
    # Of 0.5 (log v + e^2 / v), by the mean and by log v.
    by_mean = precision * error
    by_spread = 0.5 * (1.0 - by_mean * error)
    # Beyond a bound only the way back counts.
    inside = (spread == held) | ((spread > held) == (by_spread > 0.0))
    ahead = torch.stack([by_mean, by_spread * inside], dim=-1) / len(y)  # b x 2
    back = (ahead @ layers.last.T) * (1.0 - units.square())
    further = (back @ layers.outer.T) * (1.0 - hidden.square())
    slopes = (
        inputs.T @ further, further.sum(0), hidden.T @ back, back.sum(0),
        units.T @ ahead, ahead.sum(0),
    )  # fmt: skip
    return torch.cat([each.flatten() for each in slopes]).add_(
        (flat - prior.mean) / prior.deviation.square(), alpha=share
    )
