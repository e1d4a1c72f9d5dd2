"""Local search: perturbs the best few points, and again whatever that found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from omniforce.spec.space import Assignment

from ..generators.mixed import new, perturbed
from ..parts import KEPT, Field, Score

BEST = 8
TWINS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSearch:
    """For spaces of any kind; needs no slopes.

    Attributes:
        rounds: how often the best are perturbed.
    """

    name: ClassVar[str] = "local-search"
    rounds: int = 3

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first."""
        sampler = field.study.sampler
        points = new(sampler, starts, field.known)
        if not points:
            return []
        scores = score(field.rows.of(points))
        seen = field.known | {sampler.key(point) for point in points}
        for _ in range(self.rounds):
            best = scores.argsort(dim=0, descending=True, stable=True)[:BEST].tolist()
            twins = perturbed(sampler, [points[at] for at in best], TWINS, field.generator)
            twins = new(sampler, twins, seen)
            if not twins:
                break
            points, scores = points + twins, torch.cat([scores, score(field.rows.of(twins))])
            seen |= {sampler.key(twin) for twin in twins}
        order = scores.argsort(dim=0, descending=True, stable=True)[:KEPT].tolist()
        return [points[at] for at in order]
