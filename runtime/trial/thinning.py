"""Which of a trial's figures are kept: all of a few, an ever thinner choice of a million.

Of each figure's own sequence the first ones are kept one by one, then every second, every fourth
and so on, the same number at each pace, and at the end the last: what is kept grows with the
logarithm of what was reported, and nothing that was passed on must be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..store.trial import Point

PACE = 500
"""Points kept at each pace, shared among the keys."""

KEYS = 200
"""Different figures that one trial may report."""

MOST = 9_000
"""Points of one attempt, the last of each figure not counted; the store takes 10,000."""


@dataclass(slots=True)
class _Sequence:
    stride: int = 1
    seen: int = 0
    at_this_pace: int = 0
    last: Point | None = None


@dataclass(slots=True)
class Thinning:
    """One attempt's figures as they come; holds one point a key and no more.

    Attributes:
        offered: how many were reported.
        kept: how many `take` and `rest` let through.
    """

    offered: int = 0
    kept: int = 0
    _sequences: dict[str, _Sequence] = field(default_factory=dict)

    @property
    def dropped(self) -> int:
        """How many were reported and are not kept, once `rest` was asked."""
        return self.offered - self.kept

    def take(self, point: Point) -> bool:
        """Whether this one is kept."""
        self.offered += 1
        sequence = self._sequences.get(point.key)
        if sequence is None:
            if len(self._sequences) >= KEYS:
                return False
            sequence = self._sequences[point.key] = _Sequence()
        wanted = sequence.seen % sequence.stride == 0 and self.kept < MOST
        sequence.seen += 1
        sequence.last = None if wanted else point
        if not wanted:
            return False
        self.kept += 1
        sequence.at_this_pace += 1
        if sequence.at_this_pace >= max(4, PACE // len(self._sequences)):
            sequence.stride, sequence.at_this_pace = 2 * sequence.stride, 0
        return True

    def rest(self) -> tuple[Point, ...]:
        """The last of each figure where it was not kept; the next call gives none of them."""
        found = []
        for sequence in self._sequences.values():
            if sequence.last is not None:
                found.append(sequence.last)
                sequence.last = None
        self.kept += len(found)
        return tuple(found)
