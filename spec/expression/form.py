"""A parameter in one line as a value, and all that one text can be."""

from __future__ import annotations

from dataclasses import field

from ..frozen import dataclass
from .tree import (
    Expression,
    Goal,
    Interval,
    ModelChoice,
    Offsets,
    Promotion,
    Scale,
    SetOf,
    Value,
)


def _at() -> Offsets:
    return field(default=Offsets(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Bell:
    """`normal(0.1, 0.02)`, `lognormal(1e-3, 3)`: a prior; its reader knows which there are."""

    name: str
    numbers: tuple[int | float, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Shares:
    """`{adam: 0.7, sgd: 0.3}`: the prior of a choice."""

    items: tuple[tuple[Value, int | float], ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class ParameterForm:
    """A parameter in one line: `1e-4...1e-1 log, default 1e-3`, `int 2...5 when a == b`.

    Attributes:
        type: as written, or None; the reader knows which there are.
        count: the length of the array that the parameter is, or the parameter that says it.
        size: of a subset.
        value: of a parameter that is computed; then there is neither type nor domain.
    """

    type: str | None = None
    domain: Interval | SetOf | None = None
    scale: Scale | None = None
    step: int | float | None = None
    default: Value | None = None
    count: str | int | None = None
    when: Expression | None = None
    prior: Bell | Shares | None = None
    size: int | float | Interval | None = None
    shared: bool | None = None
    value: Expression | None = None
    at: Offsets = _at()


Tree = Expression | Interval | ParameterForm | Bell | Shares | Goal | ModelChoice | Promotion
"""All that one text can be."""
