"""Stochastic gradient Hamiltonian Monte Carlo that finds its own scales while it burns in.

Springenberg et al. (2016), Bayesian optimization with robust Bayesian neural networks
(BOHAMIANN), section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ...fallbacks import NoFit

STEP, FRICTION = 1e-2, 0.05
"""The paper's step size, and the share of the momentum that a step loses."""


@dataclass(slots=True)
class Scales:
    """How steep and how noisy the potential is along each parameter.

    Attributes:
        memory: over how many steps is averaged.
        slope: the average.
        square: the average of the slope's square.
    """

    memory: Tensor
    slope: Tensor
    square: Tensor

    @classmethod
    def start(cls, size: int) -> Scales:
        """Before any slope was seen."""
        ones = torch.ones(size, dtype=torch.float64)
        return cls(ones, ones.clone(), ones.clone())

    def see(self, slope: Tensor) -> None:
        """Takes one slope into the averages; the memory is long where slopes are all noise."""
        squared = slope.square()
        share = 1.0 / (self.memory + 1.0)
        stays = self.slope.square() / (self.square + 1e-16)
        self.memory = self.memory * (1.0 - stays) + 1.0
        self.slope.lerp_(slope, share)
        self.square.lerp_(squared, share)


def draw(
    start: Tensor,
    slope: Callable[[Tensor], Tensor],
    trials: int,
    *,
    burn_in: int,
    draws: int,
    apart: int,
    generator: torch.Generator,
) -> Tensor:
    """Parameters drawn from the posterior, `apart` steps from one another  # draws x p.

    Args:
        start: where the chain begins  # p
        slope: of the negative log posterior over the number of trials; may be noisy.
        trials: how many there are.
        burn_in: steps before the first draw, in which the scales are found.
        draws: how many.
        apart: steps between two.
        generator: of the noise.

    Raises:
        NoFit: the chain has left the numbers.
    """
    at, momentum, scales = start.clone(), torch.zeros_like(start), Scales.start(len(start))
    rate = STEP**2 / trials
    kept: list[Tensor] = []
    turn, heat = torch.ones_like(start), torch.ones_like(start)
    for step in range(burn_in + draws * apart):
        pull = slope(at)
        if step <= burn_in:
            scales.see(pull)
            inverse = scales.square.sqrt().add_(1e-8).reciprocal_()
            turn = (STEP**2) * inverse
            heat = (2.0 * FRICTION * rate * inverse).sqrt_()
        noise = torch.randn(len(at), dtype=at.dtype, generator=generator)
        momentum.mul_(1.0 - FRICTION).sub_(turn * pull).add_(heat * noise)
        at.add_(momentum)
        if step >= burn_in and (step - burn_in) % apart == apart - 1:
            kept.append(at.clone())
    found = torch.stack(kept)
    if not bool(torch.isfinite(found).all()):
        raise NoFit("the chain over the network's parameters has left the numbers")
    return found
