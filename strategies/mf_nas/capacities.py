"""What the trials say an arc can carry: how much denser the good ones are on it than all are.

Densities are kernel estimates around one good trial, the anchor, so that an arc is judged by trials
that resemble the network which it would join; they have no parameters beyond the kernels' widths.
A trial's goodness falls with its rank. Every estimate is shaken by as much as it is uncertain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random as Generator

from ..points.encoding import Axis, Key, Labels, places

GOOD = 0.15
"""The share of the trials within which goodness falls to a third; at least three trials."""

WIDTH = 1 / 3
"""The kernel's width around the anchor, as a share of the coordinates that differ."""

UNSEEN = 0.08
"""The goodness of one trial that an arc is taken to have had before any."""

SHAKEN = 0.5
"""How much an arc that one trial has seen is shaken: a deviation of its logarithm."""

FEW = 12
"""A number with at most so many values has an arc for each."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The arcs of one coordinate: places on its axis, and the logarithms of their capacities."""

    places: tuple[float, ...]
    logs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Densities:
    """Trials, the best first, as places on the axes."""

    axes: tuple[Axis, ...]
    keys: tuple[Key, ...]

    def stages(self, generator: Generator) -> list[Stage]:
        """The arcs of all coordinates, as seen from an anchor that is drawn by its goodness."""
        fall = max(3.0, GOOD * len(self.keys))
        good = [math.exp(-at / fall) for at in range(len(self.keys))]
        (anchor,) = generator.choices(self.keys, good)
        width = max(len(self.axes) * WIDTH, 1.0)
        near = [math.exp(-self._distance(anchor, key) / width) for key in self.keys]
        return [self._stage(at, anchor[at], good, near, generator) for at in range(len(self.axes))]

    def _distance(self, one: Key, other: Key) -> float:
        far = 0.0
        for axis, mine, its in zip(self.axes, one, other, strict=True):
            if mine is None or its is None:
                far += mine is not its
            elif isinstance(axis, Labels):
                far += mine != its
            else:
                far += min(1.0, 2.0 * abs(mine - its))
        return far

    def _stage(
        self,
        at: int,
        anchor: float | None,
        good: Sequence[float],
        near: Sequence[float],
        generator: Generator,
    ) -> Stage:
        axis = self.axes[at]
        arcs = _arcs(axis, anchor, generator)
        reach = 0.0 if isinstance(axis, Labels) else 2.0 / (2.0 + math.sqrt(len(self.keys)))
        dense, all_ = [UNSEEN] * len(arcs), [1.0] * len(arcs)
        for key, goodness, nearness in zip(self.keys, good, near, strict=True):
            its = key[at]
            if its is None:
                continue
            for arc, place in enumerate(arcs):
                gap = abs(its - place)
                if gap > max(reach, 1e-9):
                    continue
                close = nearness * (1.0 - gap / reach if reach else 1.0)
                dense[arc] += close * goodness
                all_[arc] += close
        return Stage(
            tuple(arcs),
            tuple(
                math.log(d / a) + SHAKEN * generator.gauss(0.0, 1.0) / math.sqrt(a)
                for d, a in zip(dense, all_, strict=True)
            ),
        )


def _arcs(axis: Axis, anchor: float | None, generator: Generator) -> list[float]:
    """All values of a short axis; of a long one some everywhere, and finer ones at the anchor."""
    if isinstance(axis, Labels) or (axis.count is not None and axis.count <= FEW):
        return list(places(axis))
    drawn = [(part + generator.random()) / 4 for part in range(4)]
    if anchor is not None:
        drawn.append(anchor)
        for scale in (0.25, 0.0625, 0.015625):
            far = scale * (0.5 + generator.random())
            drawn += [anchor - far, anchor + far]
    return [axis.encode(axis.decode(place)) for place in drawn if 0.0 <= place <= 1.0]
