"""The search space as an OptimizationJob's `parameters`, every number in quotes."""

from __future__ import annotations

from typing import assert_never

from omniforce.spec.space import Choice, Coordinate, Domain, FloatRange, IntRange, Space

from ..foreign_search.values import listed, value_text
from ..kubernetes.objects import Tree


def parameters(space: Space) -> list[Tree]:
    """One parameter a coordinate, in the space's order."""
    return [_parameter(coordinate) for coordinate in space]


def _parameter(coordinate: Coordinate) -> Tree:
    return {"name": coordinate.name, "searchSpace": _space(coordinate.domain)}


def _space(domain: Domain) -> Tree:
    values = listed(domain)
    if values is not None:
        # a grid is drawn at random too, and each of its values is as likely
        return {"categorical": {"choices": [value_text(v) for v in values]}}
    match domain:
        case IntRange(low=low, high=high, scale=scale):
            bounds: Tree = {"min": str(low), "max": str(high), "type": "Int"}
            return {_distribution(scale): bounds}
        case FloatRange(low=low, high=high, scale=scale):
            bounds = {"min": value_text(low), "max": value_text(high), "type": "Float"}
            return {_distribution(scale): bounds}
        case Choice(values=each):
            return {"categorical": {"choices": [value_text(v) for v in each]}}
        case _:
            assert_never(domain)


def _distribution(scale: str) -> str:
    return "logUniform" if scale == "log" else "uniform"
