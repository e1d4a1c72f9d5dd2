"""Draws from a box around the best points, which shrinks as they come together.

Perrone et al. (2019), Learning search space geometry: the smallest box that holds the good points;
here of this study's own, and widened, since the best may lie outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random as Generator
from typing import ClassVar

from omniforce.spec.space import Assignment, violated

from ...points.encoding import Axis, Labels
from ..parts import Field
from .mixed import new, perturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinking:
    """Uniform in the box, now and then outside.

    Attributes:
        widen: by which share of its width the box grows at either side.
        outside: the share of coordinates drawn from all of their axis.
    """

    name: ClassVar[str] = "shrinking"
    widen: float = 0.25
    outside: float = 0.1

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        sampler, generator = field.study.sampler, field.generator
        elite = [sampler.key(point) for point in field.elite]
        columns = list(zip(*elite, strict=True))
        kept = list[Assignment]()
        for _ in range(field.count if elite else 0):
            unit = [
                self._place(axis, column, generator)
                for axis, column in zip(sampler.encoding.axes, columns, strict=True)
            ]
            point = sampler.encoding.decode(unit)
            if not violated(sampler.space, point):
                kept.append(point)
        # A box that constraints cut off: neighbours keep to what is feasible.
        short = field.count - len(kept)
        if elite and short:
            each = -(-short // len(elite))
            kept += perturbed(sampler, field.elite, each, generator)[:short]
        found = new(sampler, kept, field.known)
        return found or new(sampler, sampler.many(field.count, generator), field.known)

    def _place(self, axis: Axis, column: Sequence[float | None], generator: Generator) -> float:
        inside = [place for place in column if place is not None]
        if not inside or generator.random() < self.outside:
            return generator.random()
        if isinstance(axis, Labels) and not axis.ordered:
            return generator.choice(inside)
        low, high = min(inside), max(inside)
        # One value of the axis at least, so that a box of one point is left again.
        step = max(self.widen * (high - low), 1.0 / axis.count if axis.count else 0.01)
        return min(max(generator.uniform(low - step, high + step), 0.0), 1.0)
