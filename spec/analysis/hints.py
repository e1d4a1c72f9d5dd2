"""Advice on the scale of a parameter."""

from __future__ import annotations

import math

from ..space import Domain, FloatRange, IntRange

DECADES = 3.0


def hint(domain: Domain) -> str:
    """What to write instead, as the end of a sentence; empty where the scale is good."""
    match domain:
        case IntRange(low=low, high=high, scale="linear", step=1) if low > 0:
            return _linear(low, high)
        case FloatRange(low=low, high=high, scale="linear", step=None) if low > 0:
            return _linear(low, high)
        case FloatRange(low=low, high=high, scale="log") if high / low < 10**0.5:
            return f"{number(high / low)} times from end to end: `linear` is the same and simpler"
        case _:
            return ""


def _linear(low: float, high: float) -> str:
    decades = math.log10(high / low)
    if decades < DECADES:
        return ""
    tenth = (high / 10 - low) / (high - low)
    return (
        f"{decades:.1f} decades: on a linear scale {1 - tenth:.0%} of the values lie in the last "
        "of them, `log` spreads them"
    )


def number(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}"
