"""The typed, conditional space as the unit cube, and back: one axis a coordinate.

Every value owns a piece of its axis, so that a uniform draw from the cube is a uniform draw
from the space on its own scales, and the middle of the piece stands for the value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from omniforce.spec.expression.tree import Scale, Value
from omniforce.spec.space import (
    Assignment,
    Choice,
    Domain,
    FloatRange,
    IntRange,
    Space,
    cardinality,
    is_active,
)

INACTIVE = 0.5
"""Where an inactive coordinate stands, so that it says nothing of either end."""

Key = tuple[float | None, ...]
"""A point as something that can be compared: its place on each axis, None where inactive."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Every real number from `low` to `high`."""

    low: float
    high: float
    scale: Scale
    start: float = field(init=False)
    end: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", warp(self.low, self.scale))
        object.__setattr__(self, "end", warp(self.high, self.scale))

    @property
    def count(self) -> int | None:
        """How many values there are; None for a continuum."""
        return None

    def encode(self, value: Value) -> float:
        """Where a value stands, from 0 to 1; what lies outside goes to the nearer end."""
        clipped = min(max(float(value), self.low), self.high)
        share = (warp(clipped, self.scale) - self.start) / (self.end - self.start)
        return min(max(share, 0.0), 1.0)

    def decode(self, unit: float) -> float:
        """The value that stands there."""
        if unit <= 0.0:
            return float(self.low)
        if unit >= 1.0:
            return float(self.high)
        value = unwarp(self.start + unit * (self.end - self.start), self.scale)
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Grid:
    """`low`, `low + step`, ...: `count` numbers, whole ones where `step` is an int."""

    low: float
    high: float
    step: float
    count: int
    scale: Scale
    whole: bool
    start: float = field(init=False)
    end: float = field(init=False)

    def __post_init__(self) -> None:
        # Half of the first and of the last gap stand outside, on the warped scale.
        first, second, before, last = (
            warp(float(self.value(place)), self.scale)
            for place in (0, 1, self.count - 2, self.count - 1)
        )
        object.__setattr__(self, "start", first - (second - first) / 2)
        object.__setattr__(self, "end", last + (last - before) / 2)

    def value(self, place: int) -> Value:
        """The number at a place, counted from 0."""
        if self.whole:
            return int(self.low) + place * int(self.step)
        # Decimal, since 0.1 * 3 is not 0.3 and a written grid should be proposed as written.
        value = float(Decimal(repr(self.low)) + place * Decimal(repr(self.step)))
        # An upper end that was computed may lie a rounding below its own grid.
        return min(value, float(self.high))

    def encode(self, value: Value) -> float:
        """The middle of the nearest number's piece of the axis."""
        position = warp(float(self.value(self.index(float(value)))), self.scale)
        return min(max((position - self.start) / (self.end - self.start), 0.0), 1.0)

    def decode(self, unit: float) -> Value:
        """The number whose piece that is."""
        position = self.start + min(max(unit, 0.0), 1.0) * (self.end - self.start)
        return self.value(self.index(unwarp(position, self.scale)))

    def index(self, value: float) -> int:
        """The place of the nearest number, counted from 0."""
        return min(max(round((value - self.low) / self.step), 0), self.count - 1)


@dataclass(frozen=True, slots=True)
class Labels:
    """The values of a choice, in equal pieces; they have an order where `ordered`."""

    values: tuple[Value, ...]
    ordered: bool

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.values)

    def encode(self, value: Value) -> float:
        """The middle of the value's piece."""
        return (self.place(value) + 0.5) / len(self.values)

    def decode(self, unit: float) -> Value:
        """The value whose piece that is."""
        place = int(min(max(unit, 0.0), 1.0) * len(self.values))
        return self.values[min(place, len(self.values) - 1)]

    def place(self, value: Value) -> int:
        """Where the value stands in the list, from 0; `1` and `true` are two values."""
        for place, each in enumerate(self.values):
            if each == value and isinstance(each, bool) == isinstance(value, bool):
                return place
        raise UnknownValue(f"`{value}` is none of the choice's values")


Axis = Interval | Grid | Labels


class UnknownValue(Exception):  # noqa: N818
    """A point has a value that its choice does not have."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The axes of a space, in the order of its coordinates."""

    space: Space
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, space: Space) -> Encoding:
        """The encoding of this space."""
        return cls(space, tuple(axis(coordinate.domain) for coordinate in space))

    def encode(self, point: Assignment) -> tuple[float, ...]:
        """Where the point stands in the unit cube; inactive coordinates are `INACTIVE`."""
        return tuple(INACTIVE if unit is None else unit for unit in self.key(point))

    def decode(self, unit: Sequence[float]) -> dict[str, Value]:
        """The point that stands there; it may break constraints, which `Sampler` mends."""
        values: dict[str, Value] = {}
        for coordinate, axis_, place in zip(self.space, self.axes, unit, strict=True):
            if is_active(coordinate, values):
                values[coordinate.id] = axis_.decode(place)
        return values

    def key(self, point: Assignment) -> Key:
        """What two equal points have in common, and no two different ones."""
        return tuple(
            axis_.encode(point[coordinate.id]) if coordinate.id in point else None
            for coordinate, axis_ in zip(self.space, self.axes, strict=True)
        )


def axis(domain: Domain) -> Axis:
    """The axis of one domain."""
    count = cardinality(domain)
    match domain:
        case Choice(values=values, ordered=ordered):
            return Labels(values, ordered)
        case IntRange(low=low) | FloatRange(low=low) if count == 1 or low == domain.high:
            return Labels((low,), True)
        case IntRange(low=low, high=high, scale=scale, step=step):
            return Grid(low, high, step, count or 1, scale, True)
        case FloatRange(low=low, high=high, scale=scale, step=float(step)):
            return Grid(low, high, step, count or 1, scale, False)
        case FloatRange(low=low, high=high, scale=scale):
            return Interval(low, high, scale)


def places(axis_: Axis) -> Iterator[float]:
    """Where each of a finite axis's values stands, in their order."""
    for place in range(axis_.count or 0):
        match axis_:
            case Grid():
                yield axis_.encode(axis_.value(place))
            case Labels():
                yield (place + 0.5) / len(axis_.values)
            case Interval():
                return


def warp(value: float, scale: Scale) -> float:
    """A number on its scale."""
    match scale:
        case "linear":
            return value
        case "log":
            return math.log(value)
        case "logit":
            return math.log(value) - math.log1p(-value)


def unwarp(position: float, scale: Scale) -> float:
    """The number that stands there on its scale."""
    match scale:
        case "linear":
            return position
        case "log":
            return math.exp(position)
        case "logit":
            return 1.0 / (1.0 + math.exp(-position))
