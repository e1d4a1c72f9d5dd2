"""The search space as strategies and trials see it: arrays unrolled, one coordinate each.

A tree (`submodule`) and a DAG (`when`, `count`) both come down to coordinates in an order in
which every condition reads only coordinates that stand before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .expression.tree import Expression, Scale, Value

Assignment = Mapping[str, Value]
"""One point of the space: a value for each *active* coordinate, by `Coordinate.id`."""


@dataclass(frozen=True, slots=True)
class IntRange:
    """Whole numbers from `low` to `high`, both included, every `step`-th from `low`."""

    low: int
    high: int
    scale: Scale = "linear"
    step: int = 1


@dataclass(frozen=True, slots=True)
class FloatRange:
    """Real numbers from `low` to `high`, both included; on a grid of `step` where one is set."""

    low: float
    high: float
    scale: Scale = "linear"
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `values`; they have an order where `ordered` (an ordinal)."""

    values: tuple[Value, ...]
    ordered: bool = False


Domain = IntRange | FloatRange | Choice


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One number or choice that a trial may get.

    Attributes:
        name: the parameter in the spec.
        index: its place in the array that the parameter is, outermost first; empty for a scalar.
        domain: what it may be.
        conditions: all must hold for it to be active; they read earlier coordinates only, and one
            that reads an inactive coordinate does not hold.
        default: the writer's own first guess, or None.
    """

    name: str
    index: tuple[int, ...]
    domain: Domain
    conditions: tuple[Expression, ...] = ()
    default: Value | None = None

    @property
    def id(self) -> str:
        """`depth`, or `channels[0][2]` for a place in an array."""
        return self.name + "".join(f"[{i}]" for i in self.index)


@dataclass(frozen=True, slots=True)
class Space:
    """All coordinates, parents before children, and what must hold between them.

    Attributes:
        coordinates: in topological order of their conditions.
        constraints: over coordinate ids; one that reads an inactive coordinate is satisfied.
    """

    coordinates: tuple[Coordinate, ...]
    constraints: tuple[Expression, ...] = ()

    def __iter__(self) -> Iterator[Coordinate]:
        return iter(self.coordinates)

    def __len__(self) -> int:
        return len(self.coordinates)
