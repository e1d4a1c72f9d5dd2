"""Random points of a space, constraints not looked at: each value as likely on its own scale."""

from __future__ import annotations

import math
from random import Random

from ..expression.tree import Scale, Value
from ..space import Choice, Domain, FloatRange, IntRange, Space, is_active


def draw(space: Space, generator: Random) -> dict[str, Value]:
    """One point; the coordinates that take part in it."""
    point: dict[str, Value] = {}
    for coordinate in space.coordinates:
        if is_active(coordinate, point):
            point[coordinate.id] = value(coordinate.domain, generator.random())
    return point


def value(domain: Domain, share: float) -> Value:
    """The value below which a share of the domain lies, from 0 up to 1, on the domain's scale."""
    match domain:
        case Choice(values=values):
            return values[int(share * len(values))]
        case IntRange(low=low, high=high, scale="linear", step=step):
            return low + int(share * ((high - low) // step + 1)) * step
        case IntRange(low=low, high=high, scale=scale, step=step):
            found = _unwarp(_between(low, high, scale, share), scale)
            return min(max(low + round((found - low) / step) * step, low), high)
        case FloatRange(low=low, high=high, step=float(step)):
            return low + int(share * (math.floor((high - low) / step + 1e-9) + 1)) * step
        case FloatRange(low=low, high=high, scale=scale):
            return min(max(_unwarp(_between(low, high, scale, share), scale), low), high)


def _between(low: float, high: float, scale: Scale, share: float) -> float:
    start, end = _warp(low, scale), _warp(high, scale)
    return start + share * (end - start)


def _warp(at: float, scale: Scale) -> float:
    match scale:
        case "linear":
            return at
        case "log":
            return math.log(at)
        case "logit":
            return math.log(at / (1 - at))


def _unwarp(at: float, scale: Scale) -> float:
    match scale:
        case "linear":
            return at
        case "log":
            return math.exp(at)
        case "logit":
            return 1 / (1 + math.exp(-at))
