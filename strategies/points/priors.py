"""Priors on the axes of a space: where uniform draws go, so that they come as the writer expects.

    draw 0.5   =>   the median of the prior, on its axis

A prior is cut off at the ends of the range. A share of the draws stays uniform on the scale of the
parameter, so that a value far from the expected ones is unlikely and never ruled out (as the
priors of Hvarfner et al. 2022, PiBO, are mixed with doubt).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist

from omniforce.spec.space import LogNormal, Normal, Prior, Weights

from .encoding import Axis, Grid, Interval, Labels, unwarp, warp

DOUBT = 0.05
"""The share of draws that pays no heed to the prior."""

LISTED = 256
"""A grid with at most so many numbers has the mass of each, a longer one as a continuum has."""

KNOTS = 128


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution on an axis, linear between its knots.

    Attributes:
        places: on the axis, strictly increasing from 0 to 1.
        shares: of all draws that lie below each of them, strictly increasing from 0 to 1.
    """

    places: tuple[float, ...]
    shares: tuple[float, ...]

    def place(self, share: float) -> float:
        """Where a uniform draw goes: the quantile."""
        return _between(self.shares, self.places, share)

    def share(self, place: float) -> float:
        """The draw that goes there: the distribution function."""
        return _between(self.places, self.shares, place)

    def likeliest(self) -> float:
        """The middle of the piece between two knots that has the greatest share."""
        pieces = range(len(self.places) - 1)
        best = max(pieces, key=lambda at: self.shares[at + 1] - self.shares[at])
        return (self.places[best] + self.places[best + 1]) / 2


def _between(known: Sequence[float], wanted: Sequence[float], at: float) -> float:
    after = min(max(bisect_right(known, at), 1), len(known) - 1)
    low, high = known[after - 1], known[after]
    part = min(max((at - low) / (high - low), 0.0), 1.0)
    return wanted[after - 1] + part * (wanted[after] - wanted[after - 1])


def spread(axis: Axis, prior: Prior | None) -> Spread | None:
    """The spread of a prior on its axis; None where there is none to speak of."""
    match axis, prior:
        case _, None:
            return None
        case ((Labels() | Grid()), Weights(shares=shares)) if len(shares) == axis.count > 1:
            return _doubted(_edges(axis), [0.0, *accumulate(shares)])
        case ((Grid() | Interval()), (Normal() | LogNormal())):
            return _of_bell(axis, prior)
        case _:
            return None


def _doubted(places: Sequence[float], shares: Sequence[float]) -> Spread:
    """The shares mixed with the uniform ones of the axis; knots at one place become one."""
    top = shares[-1]
    kept = [0]
    for at in range(1, len(places)):
        if places[at] - places[kept[-1]] > 1e-12:
            kept.append(at)
    mixed = [DOUBT * places[at] + (1.0 - DOUBT) * shares[at] / top for at in kept]
    return Spread((*(places[at] for at in kept[:-1]), 1.0), (*mixed[:-1], 1.0))


def _edges(axis: Labels | Grid) -> list[float]:
    """Where the pieces of an axis's values meet, from 0 to 1."""
    if isinstance(axis, Labels):
        return [at / len(axis.values) for at in range(len(axis.values) + 1)]
    middles = (float(axis.value(at)) + axis.step / 2 for at in range(axis.count - 1))
    return [0.0, *(_place(axis, middle) for middle in middles), 1.0]


def _place(axis: Grid | Interval, value: float) -> float:
    start, end = _ends(axis)
    return min(max((warp(value, axis.scale) - start) / (end - start), 0.0), 1.0)


def _value(axis: Grid | Interval, place: float) -> float:
    start, end = _ends(axis)
    return unwarp(start + place * (end - start), axis.scale)


def _ends(axis: Grid | Interval) -> tuple[float, float]:
    if isinstance(axis, Grid):
        return axis.start, axis.end
    return warp(axis.low, axis.scale), warp(axis.high, axis.scale)


def _of_bell(axis: Grid | Interval, bell: Normal | LogNormal) -> Spread | None:
    below, at_share = _bell(bell)
    first, last = below(_value(axis, 0.0)), below(_value(axis, 1.0))
    if last - first < 1e-9:
        return None  # wider than the range by far: as good as uniform
    if isinstance(axis, Grid) and axis.count <= LISTED:
        places = _edges(axis)
    else:
        # Knots where the mass is, and some along the axis for the rest.
        inner = (first + (last - first) * k / KNOTS for k in range(1, KNOTS))
        dense = [_place(axis, at_share(share)) for share in inner if 0.0 < share < 1.0]
        places = sorted({0.0, 1.0, *dense, *(k / KNOTS for k in range(1, KNOTS))})
    shares = [min(max(below(_value(axis, p)) - first, 0.0), last - first) for p in places]
    shares[0], shares[-1] = 0.0, last - first
    return _doubted(places, shares)


def _bell(bell: Normal | LogNormal) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """How much of a bell lies below a value, and below which value a share lies."""
    if isinstance(bell, Normal):
        normal = NormalDist(bell.mean, bell.deviation)
        return normal.cdf, normal.inv_cdf
    logarithm = NormalDist(math.log(bell.median), math.log(bell.factor))

    def below(value: float) -> float:
        return logarithm.cdf(math.log(value)) if value > 0.0 else 0.0

    def at_share(share: float) -> float:
        return math.exp(min(logarithm.inv_cdf(share), 700.0))

    return below, at_share
