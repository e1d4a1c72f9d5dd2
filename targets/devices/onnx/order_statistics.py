"""An interval for a quantile from sorted samples alone, whatever their distribution.

The number of samples below the true quantile is binomial, so two order statistics hold it
between them with a known chance (David and Nagaraja, Order Statistics, 3rd ed., section 7.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, which holds the quantile with the chance `confidence`."""

    low: float
    high: float
    confidence: float


def interval(ordered: Sequence[float], quantile: float, wanted: float = 0.95) -> Interval:
    """The narrowest run of ranks around the quantile that reaches the confidence `wanted`.

    Where so few samples cannot reach it, the interval ends at the largest sample, and
    `confidence` says what it has.
    """
    count = len(ordered)
    chances = _binomial(count, quantile)
    below = min(int(count * quantile), count - 1)
    low = high = below  # ranks from 0; the quantile is between ordered[low] and ordered[high + 1]
    reached = chances[below]
    while reached < wanted and (low > 1 or high < count - 1):
        left = chances[low - 1] if low > 1 else -1.0
        right = chances[high + 1] if high < count - 1 else -1.0
        if right >= left:
            high, reached = high + 1, reached + right
        else:
            low, reached = low - 1, reached + left
    top = min(high, count - 1)
    return Interval(ordered[max(low - 1, 0)], ordered[top], min(reached, 1.0))


def _binomial(count: int, share: float) -> list[float]:
    """The chance of each number from 0 to `count`, by logarithms so that none underflows."""
    logs = (
        math.lgamma(count + 1)
        - math.lgamma(k + 1)
        - math.lgamma(count - k + 1)
        + k * math.log(share)
        + (count - k) * math.log1p(-share)
        for k in range(count + 1)
    )
    return [math.exp(value) for value in logs]
