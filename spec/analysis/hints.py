"""On which scale a range should be walked, for `ofc analyze` and for the linter."""

from __future__ import annotations

import math
from typing import Literal

from ..space import Domain, FloatRange, IntRange

MANY, FEW = 1000, 10
"""From so many times from end to end on, a log scale; below so many, a linear one."""


def better_scale(domain: Domain) -> Literal["log", "linear"] | None:
    """The scale that would be better; None where the present one is good."""
    match domain:
        case (
            IntRange(low=low, high=high, scale=scale) | FloatRange(low=low, high=high, scale=scale)
        ):
            stepped = domain.step not in (None, 1)
            if scale == "linear" and low > 0 and high >= MANY * low and not stepped:
                return "log"
            return "linear" if scale == "log" and high < FEW * low else None
        case _:
            return None


def hint(domain: Domain) -> str:
    """Why another scale would be better, as the end of a sentence; empty where none would."""
    match better_scale(domain), domain:
        case "log", IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            last = 1 - (high / 10 - low) / (high - low)
            return (
                f"{math.log10(high / low):.1f} decades: on a linear scale {last:.0%} of the "
                "values lie in the last of them, `log` spreads them"
            )
        case "linear", IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            return f"{high / low:.3g} times from end to end: `linear` is the same and simpler"
        case _:
            return ""
