"""The arguments of a study's default point."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from omniforce.compiler.ir.program import Search
from omniforce.strategies.points.sampling import Sampler

from ..trial.asking import arguments_of
from ..trial.contract import Json


def default_arguments(search: Search) -> Mapping[str, Json]:
    """What the estimator is called with at the writer's own first guess, made feasible.

    Without any default in the space it is the middle of it.
    """
    generator = Random(search.seed)  # noqa: S311 - of a search, not of a secret
    sampler = Sampler.of(search.space)
    point = sampler.default(generator, ())
    if point is None:
        point = sampler.near([0.5] * len(search.space), generator)
    return arguments_of(search, point)
