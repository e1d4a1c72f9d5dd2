"""The expressions of the language as values: what `parse` makes and `print` writes.

Offsets are characters from the start of the expression's own text; they say where a message
points and take no part in equality, so that `parse(print(e)) == e`.
"""

# ruff: noqa: N801 - `Literal` is taken by typing, and `_at` says one field's facts once.

from __future__ import annotations

from dataclasses import field
from typing import Literal

from ..frozen import dataclass

Value = bool | int | float | str
"""What a parameter can be, and what a literal is."""

Comparison = Literal["<", "<=", ">", ">=", "==", "!=", "in", "not in"]
Arithmetic = Literal["+", "-", "*", "/", "//", "%", "**"]
Function = Literal[
    "abs",
    "ceil",
    "floor",
    "log2",
    "max",
    "min",
    "position",
    "round",
    "size",
    "sqrt",
    "sum",
    "defined",
    "given",
]
"""What can be called. Of the last two no spec has need: unrolling a space makes them."""

Direction = Literal["maximize", "minimize"]
Scale = Literal["linear", "log", "logit"]


@dataclass(frozen=True, slots=True)
class Offsets:
    """Start and end of a node in its own text."""

    start: int = 0
    end: int = 0


def _at() -> Offsets:
    return field(default=Offsets(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal_:
    """A number, a string or a truth value."""

    value: Value
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit as it was written, such as `2 MiB`, `5 ms`, `10 %` or `2 h`.

    Attributes:
        value: the number before the unit.
        unit: one of `spec.expression.units.UNITS`.
    """

    value: float
    unit: str
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, or in an objective a metric. `index` is set once arrays are unrolled."""

    name: str
    index: tuple[int, ...] = ()
    at: Offsets = _at()

    @property
    def id(self) -> str:
        """The name of one coordinate: `channels` or `channels[0][2]`."""
        if not self.index:
            return self.name
        return self.name + "".join([f"[{i}]" for i in self.index])


@dataclass(frozen=True, slots=True)
class Places:
    """`channels[0][0...3]`: those places of an array that are active; only within a function.

    Attributes:
        index: of the outer arrays, one place each.
        ranges: first and last place in each of the others. At least one.
    """

    name: str
    index: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Call:
    """`sum(channels)`. Functions of several numbers leave out what is inactive."""

    function: Function
    arguments: tuple[Expression, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic on two operands."""

    operator: Arithmetic
    left: Expression
    right: Expression
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Negate:
    """The minus sign."""

    operand: Expression
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set written `{a, b}`, on the right of `in`."""

    items: tuple[Value, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Interval:
    """`1e-4...1e-1`: all from `low` to `high`, both included; in order, or the reader says so."""

    low: int | float
    high: int | float
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two operands."""

    operator: Comparison
    left: Expression
    right: Expression
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class And:
    """All of the operands hold. At least two."""

    operands: tuple[Expression, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Or:
    """One of the operands holds. At least two."""

    operands: tuple[Expression, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not hold."""

    operand: Expression
    at: Offsets = _at()


Expression = (
    Literal_ | Quantity | Name | Places | Call | Binary | Negate | SetOf | Compare | And | Or | Not
)
"""A condition, a constraint or an arithmetic term."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What an objective speaks of: `accuracy`, `latency.p95 on jetson`.

    Attributes:
        name: as the algorithm or the device reports it.
        statistic: `p50`, `p95`, `mean`...; None for a plain figure.
        device: the key under `devices`; None for a figure of the training itself.
    """

    name: str
    statistic: str | None = None
    device: str | None = None
    at: Offsets = _at()

    @property
    def key(self) -> str:
        """The one name under which the store keeps the figure: `latency.p95@jetson`."""
        statistic = f".{self.statistic}" if self.statistic else ""
        device = f"@{self.device}" if self.device else ""
        return f"{self.name}{statistic}{device}"


@dataclass(frozen=True, slots=True)
class Objective:
    """`maximize accuracy`, `minimize latency.p95 on jetson, weight 2, reference 20ms`.

    Attributes:
        weight: how much it counts where the model is `weighted`; None counts as one.
        reference: the worst figure of interest: what a front is worth is measured from there.
    """

    direction: Direction
    metric: Metric
    weight: float | None = None
    reference: Quantity | Literal_ | None = None
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class Requirement:
    """`require size <= 2MiB on jetson`: a bound that the chosen model must keep."""

    metric: Metric
    operator: Literal["<", "<=", ">", ">="]
    bound: Quantity | Literal_
    at: Offsets = _at()


Goal = Objective | Requirement


@dataclass(frozen=True, slots=True)
class BestModel:
    """`best`: the feasible trial that comes first by the first objective."""

    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class ParetoModel:
    """`pareto(latency.p95 <= 5ms)`: the best by the first objective among those that keep it."""

    requirements: tuple[Requirement, ...]
    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class KneeModel:
    """`knee`: where the front bends, each objective counting the same by its range there."""

    at: Offsets = _at()


@dataclass(frozen=True, slots=True)
class WeightedModel:
    """`weighted`: as `knee`, each objective counting by its weight."""

    at: Offsets = _at()


ModelChoice = BestModel | ParetoModel | KneeModel | WeightedModel


@dataclass(frozen=True, slots=True)
class Promotion:
    """`error_rate < 1% for 10m`: when a canary becomes the model.

    Attributes:
        requirement: what must hold.
        seconds: for how long without a break.
    """

    requirement: Requirement
    seconds: float
    at: Offsets = _at()
