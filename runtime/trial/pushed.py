"""Figures as another process passes them on: what is none is left out, whoever wrote it."""

from __future__ import annotations

import math
from typing import cast

from ..store.trial import Point
from .client import LONGEST_NAME

_LARGEST_STEP = 2**62


def points_of(rows: object) -> tuple[Point, ...]:
    """Rows of step, name and value."""
    found = []
    for row in cast("list[object]", rows) if isinstance(rows, list) else ():
        match row:
            case [int() as step, str() as key, int() | float() as value] if (
                abs(step) <= _LARGEST_STEP and _is_name(key) and math.isfinite(value)
            ):
                found.append(Point(step, key, float(value)))
            case _:
                continue
    return tuple(found)


def figures_of(metrics: object) -> dict[str, float]:
    """Figures by name."""
    figures = cast("dict[object, object]", metrics) if isinstance(metrics, dict) else {}
    return {
        key: float(value)
        for key, value in figures.items()
        if isinstance(key, str)
        and _is_name(key)
        and isinstance(value, int | float)
        and math.isfinite(value)
    }


def _is_name(key: str) -> bool:
    return 0 < len(key) <= LONGEST_NAME and key.isprintable()
