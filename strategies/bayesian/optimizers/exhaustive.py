"""Exhaustive search: looks at every point of a small finite space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from omniforce.spec.space import Assignment

from ..generators.mixed import Mixed
from ..parts import Field, Score
from .enumeration import Enumeration, enumerated
from .local_search import LocalSearch

OFFERED = 8
"""So many points are given back; the next suggestion looks at all of them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaustive:
    """Scores all points that are not known; what it finds is the maximum."""

    name: ClassVar[str] = "exhaustive"
    complete: ClassVar[bool] = True

    def maximise(
        self, score: Score, starts: Sequence[Assignment], field: Field
    ) -> list[Assignment]:
        """Feasible new points, the best first; by local search where there are too many to try."""
        enumeration = enumerated(field.study.sampler)
        if enumeration is None:
            offered = starts or Mixed().points(field)
            return LocalSearch().maximise(score, offered, field)
        new = _new(enumeration, field)
        scores = torch.cat([score(chunk) for chunk in enumeration.chunks])[new]
        best = scores.topk(min(OFFERED, len(new))).indices
        # `topk` leaves equals in no order that is promised.
        best = best.sort().values
        best = best[scores[best].argsort(dim=0, descending=True, stable=True)]
        return [_point(enumeration, field, at) for at in new[best].tolist()]


def _new(enumeration: Enumeration, field: Field) -> torch.Tensor:
    """The places of points that are not known."""
    mask = torch.ones(len(enumeration.keys), dtype=torch.bool)
    found = [enumeration.place[key] for key in field.known if key in enumeration.place]
    mask[found] = False
    return mask.nonzero().flatten()


def _point(enumeration: Enumeration, field: Field, at: int) -> Assignment:
    key = enumeration.keys[at]
    return field.rows.encoding.decode([0.0 if place is None else place for place in key])
