"""Bayesian neural network: for many trials of a function that changes its ways.

A fit takes one to three seconds of CPU whatever the number of trials, which is what the field
accepts of BOHAMIANN; where that is too much, `last-layer` is the cheap one.

Springenberg et al. (2016), Bayesian optimization with robust Bayesian neural networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ....points.encoding import Encoding
from ...parts import Fitted, Training
from ..conditioned import Conditioned
from ..network_inputs import network_inputs
from .hamiltonian import draw
from .network import LOUDEST, QUIETEST, Layers, Prior, slope_of_potential

BATCH = 64
"""So many trials are looked at in each step."""

FLOOR = 1e-6
"""Of the variance: networks that all agree do not know for certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesianNetwork:
    """Networks along one chain through the posterior.

    Attributes:
        draws: how many of them are kept.
        burn_in: steps before the first.
        apart: steps from one to the next.
    """

    name: ClassVar[str] = "bnn"
    draws: int = 32
    burn_in: int = 2000
    apart: int = 50

    def fit(self, training: Training) -> Networks:
        """What the trials let one believe.

        Raises:
            NoFit: the chain has left the numbers.
        """
        study, encoding = training.study, training.rows.encoding
        seed = study.generator(study.next_trial, f"bnn/{training.purpose}").getrandbits(63)
        generator = torch.Generator().manual_seed(seed)
        inputs, y = network_inputs(encoding, training.x), training.y
        prior = Prior.of(inputs.shape[1])

        def slope(flat: Tensor) -> Tensor:
            if len(y) <= BATCH:
                return slope_of_potential(flat, inputs, y, 1.0 / len(y), prior)
            some = torch.randint(len(y), (BATCH,), generator=generator)
            return slope_of_potential(flat, inputs[some], y[some], 1.0 / len(y), prior)

        push = torch.randn(len(prior.mean), dtype=y.dtype, generator=generator)
        found = draw(
            prior.mean + prior.deviation * push,
            slope,
            len(y),
            burn_in=self.burn_in,
            draws=self.draws,
            apart=self.apart,
            generator=generator,
        )
        layers = Layers.of(found, inputs.shape[1])
        noise = layers(inputs)[..., 1].clamp(QUIETEST, LOUDEST).exp().mean()
        return Networks(encoding, layers, float(noise))


@dataclass(frozen=True, slots=True)
class Networks:
    """Draws from the posterior, as the normal distribution of the same moments.

    Attributes:
        encoding: of the space.
        layers: of all networks.
        noise: the variance of a figure, over the trials and the networks.
    """

    encoding: Encoding
    layers: Layers
    noise: float

    def moments(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at each row by itself  # n x d -> n, n."""
        values = self._said(rows)
        return values.mean(0), values.var(0, correction=0) + FLOOR

    def joint(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of sets of rows  # ... x q x d -> ... x q, ... x q x q."""
        count, width = rows.shape[-2:]
        values = self._said(rows.reshape(-1, width))
        values = values.reshape(-1, *rows.shape[:-1])
        centred = (values - values.mean(0)).movedim(0, -1)  # ... x q x draws
        covariance = centred @ centred.mT / len(values)
        return values.mean(0), covariance + FLOOR * torch.eye(count, dtype=rows.dtype)

    def believing(self, rows: Tensor, values: Tensor) -> Fitted:
        """The same as if these values had been measured at these rows."""
        if not len(rows):
            return self
        return Conditioned(self, rows, values, self.noise)

    def _said(self, rows: Tensor) -> Tensor:
        """What each network expects  # n x d -> draws x n."""
        said: Tensor = self.layers(network_inputs(self.encoding, rows))[..., 0]
        return said
