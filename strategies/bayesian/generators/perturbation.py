"""Perturbations of the best points: looks no further than around what is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from omniforce.spec.space import Assignment

from ..parts import Field
from .mixed import new, perturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbation:
    """Neighbours of the elite; random points for as long as there is none."""

    name: ClassVar[str] = "perturbation"

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        sampler = field.study.sampler
        each = -(-field.count // max(len(field.elite), 1))
        found = new(sampler, perturbed(sampler, field.elite, each, field.generator), field.known)
        # Every neighbour may be known, in a small space.
        return found or new(sampler, sampler.many(field.count, field.generator), field.known)
