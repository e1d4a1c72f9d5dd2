"""From values to places along an axis, with ticks that people would choose."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of a figure that stands for a stretch of values.

    Attributes:
        start: where `low` is, in pixels; may lie after `end`, as on an upright axis.
        log: whether equal factors take equal room.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value is, in pixels; at the edge where it lies outside."""
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(max(value, self.low))
        share = min(1.0, max(0.0, (at - low) / (high - low)))
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int = 5, unit: float = 1.0) -> tuple[float, ...]:
        """Values within the axis that are round when told in `unit`, about so many."""
        if self.log:
            return tuple(unit * v for v in _log_ticks(self.low / unit, self.high / unit))
        step = unit * _round_step((self.high - self.low) / unit / about)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return tuple(i * step for i in range(first, last + 1))


def worth_seeing(
    values: Sequence[float], needed: Sequence[float], best: Callable[[Sequence[float]], float]
) -> tuple[float, ...]:
    """The values that a figure should have room for.

    A few trials that learnt nothing would press all others into a corner. So what is more than
    five times as far from the best as the median is left to the edge, unless it is needed.
    """
    first = best(values)
    far = 5 * abs(statistics.median(values) - first)
    kept = tuple(value for value in values if abs(value - first) <= far)
    return (*kept, *needed)


def axis_over(values: Sequence[float], start: float, end: float, log: bool | None = None) -> Axis:
    """An axis with room for all values; logarithmic where they span more than a factor of 20.

    Args:
        values: what must fit; at least one.
        start: where the least is.
        end: where the greatest is.
        log: None decides by the values.
    """
    low, high = min(values), max(values)
    if log is None:
        log = low > 0 and high / low > 20
    if low == high:
        margin = abs(low) * 0.1 or 1.0
        return Axis(low - margin, high + margin, start, end)
    if log and low > 0:
        factor = (high / low) ** 0.06
        return Axis(low / factor, high * factor, start, end, log=True)
    margin = (high - low) * 0.06
    return Axis(low - margin, high + margin, start, end)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * m for m in (1, 2, 2.5, 5) if power * m >= rough), power * 10)


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5)):
        found = tuple(d * 10.0**p for p in powers for d in digits if low <= d * 10.0**p <= high)
        if len(found) >= 3:
            return found
    return found or (low, high)
