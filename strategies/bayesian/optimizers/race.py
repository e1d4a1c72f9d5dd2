"""Points that compete: each is scored once, and none is entered twice."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from omniforce.spec.space import Assignment

from ..parts import KEPT, Field, Score


class Race:
    """Grows while an optimizer looks for better points.

    Attributes:
        points: those entered, in order.
        rows: of the points  # n x d
        scores: of the points  # n
    """

    def __init__(self, score: Score, field: Field, points: Iterable[Assignment]) -> None:
        """Begins with these points, less those that are known."""
        self._score = score
        self._field = field
        self._seen = set(field.known)
        self.points: list[Assignment] = []
        self.rows = torch.empty(0, field.rows.width, dtype=torch.float64)
        self.scores = torch.empty(0, dtype=torch.float64)
        self.enter(points)

    def enter(self, points: Iterable[Assignment]) -> int:
        """Scores those that are new; says how many these were."""
        new = {self._field.study.sampler.key(point): point for point in points}
        new = {key: point for key, point in new.items() if key not in self._seen}
        if not new:
            return 0
        rows = self._field.rows.of_keys(new)
        self._seen |= new.keys()
        self.points += new.values()
        self.rows = torch.cat([self.rows, rows])
        self.scores = torch.cat([self.scores, self._score(rows)])
        return len(new)

    def order(self, count: int) -> list[int]:
        """The places of the best so many, the best first."""
        ranked: Tensor = self.scores.argsort(dim=0, descending=True, stable=True)
        return list(map(int, ranked[:count].tolist()))

    def best(self, count: int = KEPT) -> list[Assignment]:
        """The best so many, the best first."""
        return [self.points[at] for at in self.order(count)]
