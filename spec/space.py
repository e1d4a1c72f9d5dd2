"""The search space as strategies and trials see it: arrays unrolled, one coordinate each.

A tree (`submodule`) and a DAG (`when`, `count`) both come down to coordinates in an order in
which every condition reads only coordinates that stand before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any, Literal

from .expression.evaluate import EvaluationProblem, evaluate, is_present, names
from .expression.print import to_text
from .expression.tree import Compare, Expression, Literal_, Name, Scale, Value
from .frozen import dataclass
from .prior import LogNormal as LogNormal
from .prior import Normal as Normal
from .prior import Prior as Prior
from .prior import Weights as Weights

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


DerivedType = Literal["int", "float", "bool", "word", "any"]


def _new(default: Any) -> Any:
    """A field that plain values leave out where it says nothing, as those of older releases do."""
    return field(default=default, metadata={"quiet": True})


def _later(default: Any) -> Any:
    """As `_new`, and a digest leaves it out too, so that a spec without it is the same study."""
    return field(default=default, metadata={"quiet": True, "later": True})


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
        lengths: how long the arrays are, outermost first: the id of the coordinate that counts the
            places, or the number itself. One for each number of `index`, and one for each of
            `shared`.
        prior: where the writer expects good values; None where all are as likely.
        shared: which of `lengths` only say how often a trial gets the one value.
        called: the argument that it sets, where that is not its name: two parameters in branches
            that exclude each other may set one.
    """

    name: str
    index: tuple[int, ...]
    domain: Domain
    conditions: tuple[Expression, ...] = ()
    default: Value | None = None
    lengths: tuple[str, ...] = ()
    prior: Prior | None = _new(None)
    shared: tuple[int, ...] = _new(())
    called: str | None = _new(None)

    @property
    def argument(self) -> str:
        """What an estimator calls it."""
        return self.called or self.name

    @property
    def id(self) -> str:
        """`depth`, or `channels[0][2]` for a place in an array."""
        if not self.index:
            return self.name
        return self.name + "".join([f"[{i}]" for i in self.index])


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that a trial gets and nobody searches: a constant, or computed from coordinates.

    Attributes:
        name: as an estimator calls it.
        index: its place where it is an array.
        expression: over coordinate ids; other derived values are written out in it.
        conditions: all must hold for the trial to get it.
        lengths, shared, called: as those of a coordinate.
        type: what a trial gets; `float` also where the number happens to be whole.
    """

    name: str
    index: tuple[int, ...]
    expression: Expression
    conditions: tuple[Expression, ...] = ()
    lengths: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()
    type: DerivedType = "float"
    called: str | None = _new(None)

    @property
    def argument(self) -> str:
        """What an estimator calls it."""
        return self.called or self.name

    @property
    def id(self) -> str:
        """As that of a coordinate."""
        if not self.index:
            return self.name
        return self.name + "".join([f"[{i}]" for i in self.index])


@dataclass(frozen=True, slots=True)
class Composite:
    """A parameter whose value is a list, made of several coordinates.

    A permutation of n values is n - 1 digits, the k-th the place of its value among those that
    are left (Lehmer's code); a subset is a 0 or 1 for each value. So strategies only ever see
    numbers and choices, and every point of the cube is a permutation, or a subset.

    Attributes:
        name: the parameter; its coordinates are `name[index][0]`, `name[index][1]`...
        index: its place where it is itself an array.
        values: what is put in order, or chosen from.
    """

    kind: Literal["permutation", "subset"]
    name: str
    index: tuple[int, ...]
    values: tuple[Value, ...]
    called: str | None = _new(None)

    @property
    def argument(self) -> str:
        """What an estimator calls it."""
        return self.called or self.name


@dataclass(frozen=True, slots=True)
class Graph:
    """A parameter whose values are operations on the edges of a directed acyclic graph: a cell.

    It says what the places of an array mean to one another, so that a strategy can see that two
    lists of operations are one network. It changes no value that a trial gets.

    Attributes:
        name: the parameter; the operation of the k-th edge is the coordinate `name[index][k]`.
        index: its place where it is itself an array.
        edges: from node to node, each from a lower number to a higher one. Node 0 is the input,
            the highest one the output.
        absent: the operations that are as good as no edge.
        identity: the operations that hand on what they get.
    """

    name: str
    index: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    absent: tuple[Value, ...] = ()
    identity: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """All coordinates, parents before children, and what must hold between them.

    Attributes:
        coordinates: in topological order of their conditions.
        constraints: over coordinate ids; one that reads an inactive coordinate is satisfied.
        derived: values that trials get beside their coordinates.
        composites: which coordinates are one list to a trial.
        graphs: which coordinates are the operations of one cell.
    """

    coordinates: tuple[Coordinate, ...]
    constraints: tuple[Expression, ...] = ()
    derived: tuple[Derived, ...] = _new(())
    composites: tuple[Composite, ...] = _new(())
    graphs: tuple[Graph, ...] = _later(())

    def __iter__(self) -> Iterator[Coordinate]:
        return iter(self.coordinates)

    def __len__(self) -> int:
        return len(self.coordinates)


def parents(coordinate: Coordinate) -> tuple[str, ...]:
    """The ids that its conditions read, each once, in order of their first mention."""
    return tuple(dict.fromkeys(n.id for c in coordinate.conditions for n in names(c)))


def holds(condition: Expression, values: Assignment) -> bool:
    """Whether a condition holds; not where it reads what has no value, or has none itself."""
    match condition:
        case Compare(operator="==", left=Name() as name, right=Literal_(value=value)):
            # By far the most frequent one, and strategies ask it in their innermost loops.
            found = values.get(name.id)
            return found == value and isinstance(found, bool) == isinstance(value, bool)
        case _:
            pass
    try:
        return is_present(condition, values) and evaluate(condition, values) is True
    except EvaluationProblem:
        return False


def is_active(coordinate: Coordinate, values: Assignment) -> bool:
    """Whether a coordinate takes part, given the values of the active ones before it."""
    return all(holds(c, values) for c in coordinate.conditions)


def active(space: Space, values: Assignment) -> tuple[Coordinate, ...]:
    """The coordinates that take part. Values of coordinates that do not are not looked at."""
    kept: dict[str, Value] = {}
    found: list[Coordinate] = []
    for coordinate in space.coordinates:
        if not is_active(coordinate, kept):
            continue
        found.append(coordinate)
        if coordinate.id in values:
            kept[coordinate.id] = values[coordinate.id]
    return tuple(found)


def prune(space: Space, values: Assignment) -> dict[str, Value]:
    """The part of `values` that is active, in the space's order."""
    return {c.id: values[c.id] for c in active(space, values) if c.id in values}


def violated(space: Space, assignment: Assignment) -> tuple[Expression, ...]:
    """The constraints that a point breaks.

    One that reads an inactive coordinate is kept; one that has no value, since it divides by
    zero or grows too large, is broken.
    """
    return tuple(c for c in space.constraints if not _kept(c, assignment))


def is_feasible(space: Space, assignment: Assignment) -> bool:
    """Whether a point breaks no constraint; stops at the first one that it breaks."""
    return all(_kept(c, assignment) for c in space.constraints)


def _kept(constraint: Expression, assignment: Assignment) -> bool:
    try:
        return not is_present(constraint, assignment) or evaluate(constraint, assignment) is True
    except EvaluationProblem:
        return False


def contains(domain: Domain, value: Value) -> bool:
    """Whether `value` is in the domain and of its type; grids of a step are taken with a margin."""
    match domain:
        case Choice(values=values):
            return any(_same(v, value) for v in values)
        case IntRange(low=low, high=high, step=step):
            if not isinstance(value, int) or isinstance(value, bool):
                return False
            return low <= value <= high and (value - low) % step == 0
        case FloatRange(low=low, high=high, step=step):
            if isinstance(value, bool | str) or not low <= value <= high:
                return False
            steps = (value - low) / step if step else 0.0
            return abs(steps - round(steps)) < 1e-6


def _same(left: Value, right: Value) -> bool:
    # Python holds `True == 1`.
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def cardinality(domain: Domain) -> int | None:
    """How many values there are; None for a continuum."""
    match domain:
        case Choice(values=values):
            return len(values)
        case IntRange(low=low, high=high, step=step):
            return (high - low) // step + 1
        case FloatRange(low=low, high=high, step=step):
            return None if step is None else math.floor((high - low) / step + 1e-9) + 1


def validate(space: Space, assignment: Assignment) -> tuple[str, ...]:
    """What is wrong with a point, as sentences; empty for a good one."""
    found: list[str] = []
    expected = {c.id: c for c in active(space, assignment)}
    known = {c.id for c in space.coordinates}
    for name, value in assignment.items():
        if name not in known:
            found.append(f"`{name}` is no coordinate of the space")
        elif name not in expected:
            found.append(f"`{name}` is inactive here and has the value `{value}`")
        elif not contains(expected[name].domain, value):
            found.append(f"`{name}` cannot be `{value}`")
    found += [f"`{name}` is active and has no value" for name in expected if name not in assignment]
    found += [f"`{to_text(c)}` does not hold" for c in violated(space, assignment)]
    return tuple(found)
