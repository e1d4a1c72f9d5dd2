"""Points of a scrambled Sobol sequence, another stretch of it at each suggestion.

Owen (1998), Scrambling Sobol' and Niederreiter-Xing points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from omniforce.spec.space import Assignment, violated

from ...sobol_sequence import sobol_sequence
from ..parts import Field
from .mixed import new


@dataclass(frozen=True, slots=True, kw_only=True)
class Sobol:
    """Covers the space evenly, as its priors say; moved where it is infeasible."""

    name: ClassVar[str] = "sobol"

    def points(self, field: Field) -> list[Assignment]:
        """Feasible new points, each once.

        Raises:
            EmptySpace: nothing is feasible.
        """
        sampler = field.study.sampler
        seed = field.generator.getrandbits(31)
        cube = sobol_sequence(max(len(sampler.space), 1), seed, 0, field.count)
        kept = list[Assignment]()
        for unit in cube:
            point = sampler.encoding.decode(sampler.expected(unit))
            if not violated(sampler.space, point):
                kept.append(point)
        # What is left of a narrow space is walked through: the nearest feasible point is dear.
        kept += sampler.many(field.count - len(kept), field.generator)
        return new(sampler, kept, field.known)
