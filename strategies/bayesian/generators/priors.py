"""Draws as the priors of the space say: the writer's beliefs, and nothing that was learned.

Hvarfner et al. (2022), PiBO: augmenting acquisition functions with user beliefs for Bayesian
optimization, where the beliefs weigh the acquisition; here they choose what it is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from omniforce.spec.space import Assignment

from ..parts import Field
from .mixed import new


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Random points; uniform along a parameter without a prior."""

    name: ClassVar[str] = "priors"

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        sampler = field.study.sampler
        return new(sampler, sampler.many(field.count, field.generator), field.known)
