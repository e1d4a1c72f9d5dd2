"""Curves in a terminal, two dots by four in each character (Unicode's Braille patterns)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Points = Sequence[tuple[float, float]]

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_EMPTY = 0x2800


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of x, and a colour; a later curve is drawn over those before it."""

    points: Points
    style: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows of cells, each a character with its style, between two axes.

    Attributes:
        top, bottom: what the greatest and the least value is called.
        left, right: likewise of x.
    """

    rows: tuple[tuple[tuple[str, str], ...], ...]
    top: str
    bottom: str
    left: str
    right: str


def chart(
    curves: Sequence[Curve], width: int, height: int, say: Callable[[float], str]
) -> Chart | None:
    """Curves on one pair of axes.

    Args:
        curves: what is not finite in them is left out.
        width: in characters, at least 2.
        height: likewise.
        say: a value as people read it.

    Returns:
        The drawing; None where there is nothing to draw.
    """
    finite = [
        Curve(tuple(p for p in c.points if math.isfinite(p[0]) and math.isfinite(p[1])), c.style)
        for c in curves
    ]
    everything = [point for curve in finite for point in curve.points]
    if not everything or width < 2 or height < 1:
        return None
    xs, ys = [x for x, _ in everything], [y for _, y in everything]
    box = _Box(min(xs), max(xs), min(ys), max(ys), width * 2, height * 4)
    dots = [[0] * width for _ in range(height)]
    styles = [[""] * width for _ in range(height)]
    for curve in finite:
        for column, row in _trace(curve.points, box):
            dots[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
            styles[row // 4][column // 2] = curve.style
    rows = tuple(
        tuple((chr(_EMPTY + dot), style) for dot, style in zip(line, paint, strict=True))
        for line, paint in zip(dots, styles, strict=True)
    )
    return Chart(rows, say(box.high), say(box.low), f"{box.first:g}", f"{box.last:g}")


@dataclass(frozen=True, slots=True)
class _Box:
    first: float
    last: float
    low: float
    high: float
    columns: int
    rows: int

    def place(self, x: float, y: float) -> tuple[int, int]:
        """Column and row of a dot, the highest value on row 0."""
        across = _share(x, self.first, self.last)
        up = _share(y, self.low, self.high)
        return round(across * (self.columns - 1)), round((1.0 - up) * (self.rows - 1))


def _share(value: float, low: float, high: float) -> float:
    # halves, so that the distance of two huge numbers is no infinity
    span = high / 2 - low / 2
    return 0.5 if span <= 0.0 else (value / 2 - low / 2) / span


def _trace(points: Points, box: _Box) -> list[tuple[int, int]]:
    """The dots of a curve: lines from point to point."""
    found: list[tuple[int, int]] = []
    for x, y in points:
        end = box.place(x, y)
        begin = found[-1] if found else end
        steps = max(abs(end[0] - begin[0]), abs(end[1] - begin[1]), 1)
        for step in range(1, steps + 1):
            column = begin[0] + round((end[0] - begin[0]) * step / steps)
            row = begin[1] + round((end[1] - begin[1]) * step / steps)
            found.append((column, row))
    return found
