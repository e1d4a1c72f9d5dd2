"""What a front of two objectives is worth."""

from __future__ import annotations

from collections.abc import Sequence

from .bench import Lost, Metrics


def hypervolume(points: Sequence[tuple[float, float]]) -> float:
    """The area above (0, 0) that the points dominate; both are maximised."""
    area, height = 0.0, 0.0
    for x, y in sorted(points, reverse=True):
        if x > 0 and y > height:
            area += x * (y - height)
            height = y
    return area


def missing_volume(gain: str, cost: str, everything: Sequence[Metrics]) -> Lost:
    """The share of the whole front's volume that some trials miss.

    Both figures are scaled to lie between 0, the worst of `everything`, and 1, its best; the
    reference point is the worst of both.
    """
    low, high = (pick([each[gain] for each in everything]) for pick in (min, max))
    fast, slow = (pick([each[cost] for each in everything]) for pick in (min, max))

    def place(figures: Metrics) -> tuple[float, float]:
        return (figures[gain] - low) / (high - low), (slow - figures[cost]) / (slow - fast)

    whole = hypervolume([place(each) for each in everything])
    return lambda _, true: 1.0 - hypervolume([place(each) for each in true]) / whole
