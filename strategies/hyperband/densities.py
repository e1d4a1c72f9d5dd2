"""Where good configurations are dense and others are not: a tree-structured Parzen estimator.

Bergstra et al. (2011), Algorithms for hyper-parameter optimization, section 4, with the product
kernels of Falkner et al. (2018), BOHB, algorithm 2: a new configuration is drawn near a good one,
and of many such draws the one counts whose density among the good ones is greatest against that
among the others, which is the greatest expected improvement. On mixed and conditional spaces:
numbers have normal kernels cut off at the ends of their axis, choices have those of Aitchison &
Aitken (1976), and an axis that is inactive on one side says nothing. One uniform kernel more in
either density keeps a place that nobody has seen from being ruled out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random as Generator
from statistics import NormalDist, pstdev

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Assignment, violated

from ..points.encoding import Axis, Key, Labels
from ..points.sampling import Sampler

DRAWS = 64
"""Configurations that are drawn near good ones for each that is proposed."""

SHARE = 0.15
"""Of all that are ranked, how many are good (BOHB's gamma)."""

MOST = 128
"""Configurations in one density at most, evenly taken from more."""

NARROWEST = 0.03
"""Of a normal kernel, as a share of its axis."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis, with the kernels on it.

    Attributes:
        width: the deviation of a normal kernel, or what a choice's kernel leaves for other values.
        values: how many a choice has; 0 for a number.
        same: of a choice, the logarithm of the density at the kernel's own value.
        other: the same at another value.
    """

    width: float
    values: int
    same: float = 0.0
    other: float = 0.0

    @classmethod
    def of(cls, axis: Axis, places: Sequence[float | None], axes: int) -> _Axis:
        """Scott's rule for numbers; for choices, what makes a count one by Laplace's succession."""
        known = [place for place in places if place is not None]
        if isinstance(axis, Labels) and not axis.ordered:
            values = axis.count
            width = (values - 1) / (len(known) + values)
            # The density on the axis, on which each value has a piece of length 1 / values.
            other = math.log(values * width / (values - 1)) if values > 1 else 0.0
            return cls(width, values, math.log(values * (1.0 - width)), other)
        spread = pstdev(known) if len(known) > 1 else 0.3
        gap = 0.5 / axis.count if axis.count else 0.0
        shrunk: float = max(len(known), 1) ** (-1 / (4 + axes))
        return cls(max(spread * shrunk, gap, NARROWEST), 0)

    def scale(self, middle: float | None) -> float:
        """The logarithm of a normal kernel's height at its middle; 0 for others."""
        if middle is None or self.values:
            return 0.0
        inside = _NORMAL.cdf((1.0 - middle) / self.width) - _NORMAL.cdf(-middle / self.width)
        return -math.log(self.width * inside * math.sqrt(2.0 * math.pi))

    def near(self, middle: float | None, generator: Generator) -> float:
        """A draw from the kernel."""
        if middle is None:
            return generator.random()
        if self.values:
            if self.values == 1 or generator.random() >= self.width:
                return middle
            moved = int(middle * self.values) + 1 + generator.randrange(self.values - 1)
            return (moved % self.values + 0.5) / self.values
        low, high = _NORMAL.cdf(-middle / self.width), _NORMAL.cdf((1.0 - middle) / self.width)
        share = min(max(low + generator.random() * (high - low), 1e-12), 1.0 - 1e-12)
        return min(max(middle + self.width * _NORMAL.inv_cdf(share), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Density:
    """Kernels around some configurations.

    Attributes:
        axes: of the space.
        centers: the configurations.
        scales: per configuration and axis, what `_Axis.scale` says.
    """

    axes: tuple[_Axis, ...]
    centers: tuple[Key, ...]
    scales: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, axes: Sequence[Axis], keys: Sequence[Key]) -> Density:
        """The density of configurations, of which there is at least one."""
        step = max(1.0, len(keys) / MOST)
        centers = tuple(keys[int(at * step)] for at in range(min(len(keys), MOST)))
        made = tuple(
            _Axis.of(axis, [key[at] for key in centers], len(axes)) for at, axis in enumerate(axes)
        )
        scales = (
            tuple(axis.scale(middle) for axis, middle in zip(made, center, strict=True))
            for center in centers
        )
        return cls(made, centers, tuple(scales))

    def log(self, key: Key) -> float:
        """The logarithm of the density there; a uniform one has 0 everywhere."""
        heights = 1.0  # of the uniform kernel
        for center, scales in zip(self.centers, self.scales, strict=True):
            height = 0.0
            for axis, middle, place, scale in zip(self.axes, center, key, scales, strict=True):
                if middle is None or place is None:
                    continue
                if axis.values:
                    height += axis.same if middle == place else axis.other
                else:
                    off = (place - middle) / axis.width
                    height += scale - 0.5 * off * off
            heights += math.exp(height)
        return math.log(heights / (len(self.centers) + 1))

    def draw(self, generator: Generator) -> list[float]:
        """A place in the unit cube."""
        chosen = generator.randrange(len(self.centers) + 1)
        if chosen == len(self.centers):
            return [generator.random() for _ in self.axes]
        return [
            axis.near(middle, generator)
            for axis, middle in zip(self.axes, self.centers[chosen], strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Densities:
    """The density of good configurations, and that of the others."""

    sampler: Sampler
    good: Density
    others: Density

    @classmethod
    def of(cls, sampler: Sampler, ranked: Sequence[Assignment]) -> Densities | None:
        """From configurations, best first; None for too few to tell good ones from others."""
        least = len(sampler.space) + 1
        if len(ranked) < least + 2:
            return None
        keys, axes = [sampler.key(point) for point in ranked], sampler.encoding.axes
        good = max(2, least // 2, round(SHARE * len(keys)))
        return cls(sampler, Density.of(axes, keys[:good]), Density.of(axes, keys[good:]))

    def draw(self, generator: Generator, known: Collection[Key]) -> dict[str, Value]:
        """The most promising of some draws: feasible, and not among the known ones.

        Raises:
            EmptySpace: no feasible point was found.
            SpaceExhausted: no feasible point was found that is not known.
        """
        sampler, best, highest = self.sampler, None, -math.inf
        for _ in range(DRAWS):
            point = sampler.encoding.decode(self.good.draw(generator))
            key = sampler.key(point)
            if key in known or violated(sampler.space, point):
                continue
            gain = self.good.log(key) - self.others.log(key)
            if gain > highest:
                best, highest = point, gain
        if best is not None:
            return best
        return sampler.near(self.good.draw(generator), generator, known)
