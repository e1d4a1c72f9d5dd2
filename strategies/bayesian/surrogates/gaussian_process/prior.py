"""What is thought of a Gaussian process's parameters before there are trials."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .features import Features

VARIANCE, LINEAR, NOISE = (0.0, 0.7), (-2.0, 2.0), (-6.0, 2.0)
"""Middle and scale of their logarithms, on figures of unit variance: within three scales, the noise
is anything from next to nothing to all of it."""

NOISY = math.log(0.1)
"""A tenth of the variance: from here a fit sets out that finds smooth functions in noise."""

NO_EFFECT = 10.0
"""A length of ten axes: along one there is nothing to see."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Of the logarithms of the lengths, weights, variance, slopes and noise, in this order.

    Attributes:
        middle: what is likeliest  # p
        scale: how far the data may easily move it  # p
        sparse: which are hyperbolic secants rather than normal  # p
        start: from where a fit sets out  # p
    """

    middle: Tensor
    scale: Tensor
    sparse: Tensor
    start: Tensor

    @classmethod
    def dense(cls, features: Features, scale: float = 1.2) -> Prior:
        """Every axis matters, and none much where there are many.

        Length scales grow with the root of the dimension, so that the model stays as smooth along
        a diagonal (Hvarfner et al. 2024, Vanilla Bayesian optimization performs great in high
        dimensions).
        """
        size = max(features.scales + features.weights, 1)
        length, weight = math.log(0.2 * math.sqrt(size)), math.log(2.5 / math.sqrt(size))
        return cls._of(features, (length, scale), (weight, scale))

    @classmethod
    def few(cls, features: Features) -> Prior:
        """No axis matters, unless the data pay for it.

        A half-Cauchy prior of the inverse squared length, as the logarithm has it: each axis that
        matters costs as many nats as its inverse squared length is e-folds above that of no effect
        (Eriksson & Jankowiak 2021, High-dimensional Bayesian optimization with sparse
        axis-aligned subspaces).
        """
        secant = cls._of(features, (math.log(NO_EFFECT), 0.5), (math.log(NO_EFFECT**-2), 1.0))
        axes = features.scales + features.weights
        # Where nothing has an effect all is noise, and no slope leads away from there.
        return replace(
            secant,
            sparse=torch.tensor([True] * axes + [False] * 3),
            start=cls.dense(features).middle,
        )

    @classmethod
    def _of(
        cls, features: Features, length: tuple[float, float], weight: tuple[float, float]
    ) -> Prior:
        axes = [length] * features.scales + [weight] * features.weights
        both = torch.tensor([*axes, VARIANCE, LINEAR, NOISE], dtype=torch.float64)
        return cls(both[:, 0], both[:, 1], torch.tensor([False] * len(both)), both[:, 0])

    @property
    def reach(self) -> float:
        """How many scales away from the middle a parameter is looked for."""
        return 12.0 if bool(self.sparse.any()) else 6.0

    @property
    def starts(self) -> tuple[Tensor, Tensor]:
        """From where fits set out: either the figures are nearly exact, or they are noisy.

        Short lengths that explain everything are a peak of the density of their own, and the way
        from there to long ones with noise leads through a valley.
        """
        noisy = self.start.clone()
        noisy[-1] = NOISY
        return self.start, noisy

    def at(self, away: Tensor) -> Tensor:
        """The parameters that are so many scales away from the middle  # p."""
        return self.middle + self.scale * away

    def away(self, parameters: Tensor) -> npt.NDArray[np.float64]:
        """How many scales parameters are away from the middle  # p."""
        found: npt.NDArray[np.float64] = ((parameters - self.middle) / self.scale).numpy()
        return found

    def penalty(self, away: Tensor) -> tuple[float, Tensor]:
        """The negative log density of parameters so many scales away, and its slopes  # p."""
        # log cosh, in a form that does not overflow.
        size = away.abs()
        secant = size + torch.log1p(torch.exp(-2.0 * size))
        value = torch.where(self.sparse, secant, 0.5 * away.square()).sum()
        return float(value), torch.where(self.sparse, away.tanh(), away)
