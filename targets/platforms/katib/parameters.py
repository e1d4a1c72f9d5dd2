"""The search space as Katib's `parameters`, every number in quotes as its API wants it."""

from __future__ import annotations

from typing import assert_never

from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space

from ..foreign_search.values import listed, value_text
from ..kubernetes.objects import Tree


def parameters(space: Space) -> list[Tree]:
    """One parameter a coordinate, in the space's order."""
    return [_parameter(coordinate) for coordinate in space]


def _parameter(coordinate: Coordinate) -> Tree:
    domain = coordinate.domain
    values = listed(domain)
    if values is not None:
        # a grid is a list too: hyperopt would draw multiples of its step, wherever it begins
        kind = "discrete" if all(_is_number(v) for v in values) else "categorical"
        return _named(coordinate, kind, {"list": [value_text(v) for v in values]})
    match domain:
        case IntRange(low=low, high=high):
            bounds: Tree = {"min": str(low), "max": str(high)}
            return _named(coordinate, "int", bounds | {"distribution": "uniform"})
        case FloatRange(low=low, high=high, scale=scale):
            bounds = {"min": value_text(low), "max": value_text(high)}
            distribution = "logUniform" if scale == "log" else "uniform"
            return _named(coordinate, "double", bounds | {"distribution": distribution})
        case Choice(values=each):
            return _named(coordinate, "categorical", {"list": [value_text(v) for v in each]})
        case _:
            assert_never(domain)


def _named(coordinate: Coordinate, kind: str, space: Tree) -> Tree:
    return {"name": coordinate.name, "parameterType": kind, "feasibleSpace": space}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
