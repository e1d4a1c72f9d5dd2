"""Joins the constraints of a study into its space, one for each place of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .expression.evaluate import names
from .expression.print import to_text
from .expression.tree import Expression
from .frozen import dataclass
from .resolve import MOST_FAULTS, Fault, resolve, with_names
from .space import Space

MAX_CONSTRAINTS = 10_000

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """The space with the constraints that are good.

    Attributes:
        faults: what is wrong, with the position of the constraint that it is in.
    """

    space: Space
    faults: tuple[tuple[int, Fault], ...]


def join_constraints(space: Space, constraints: Sequence[Expression]) -> Joined:
    """The space with `constraints`, as they were written, in the place of those that it has.

    Arrays go place by place, from their outermost: `depth * width <= 64` holds for each width,
    and `a * b <= 64` for `a[0]` with `b[0]`, `a[1]` with `b[1]` and so on.
    """
    domains = {c.name: c.domain for c in space.coordinates}
    places: dict[str, dict[Index, None]] = {}
    for coordinate in space.coordinates:
        places.setdefault(coordinate.name, {})[coordinate.index] = None
    made: dict[Expression, None] = {}
    faults: list[tuple[int, Fault]] = []
    for position, written in enumerate(constraints):
        resolved = resolve(written, domains)
        found = resolved.faults or _misread(resolved.expression, places)
        faults += [(position, fault) for fault in found]
        if not found:
            made.update(dict.fromkeys(_instances(resolved.expression, places)))
        if len(faults) >= MOST_FAULTS:
            break
        if len(made) > MAX_CONSTRAINTS:
            faults.append((position, _too_many(written)))
            break
    return Joined(replace(space, constraints=tuple(made)), tuple(faults))


def _misread(
    constraint: Expression, places: Mapping[str, Mapping[Index, None]]
) -> tuple[Fault, ...]:
    found = names(constraint)
    if not found:
        return (
            Fault(
                "OFC209",
                f"`{to_text(constraint)}` reads no parameter",
                constraint.at,
                "holds always or never",
                "name a parameter of the search space",
            ),
        )
    return tuple(
        Fault(
            "OFC216",
            f"`{n.id}` is no place of `{n.name}`",
            n.at,
            "no such place",
            f"the last one is `{n.name}{''.join(f'[{i}]' for i in max(places[n.name]))}`",
        )
        for n in found
        if n.index and n.index not in places[n.name]
    )


def _too_many(written: Expression) -> Fault:
    return Fault(
        "OFC212",
        f"with `{to_text(written)}` more than {MAX_CONSTRAINTS} constraints hold between places",
        written.at,
        "too many places",
        "lower the upper bound of what counts the arrays",
    )


def _instances(
    constraint: Expression, places: Mapping[str, Mapping[Index, None]]
) -> tuple[Expression, ...]:
    """The constraint once for each place of the deepest array that it reads."""
    open_names = {n.name for n in names(constraint) if not n.index}
    depths = {name: len(next(iter(places[name]))) for name in open_names}
    deepest = max(sorted(open_names), key=depths.__getitem__, default=None)
    if deepest is None:
        return (constraint,)
    return tuple(
        _at(constraint, depths, index)
        for index in places[deepest]
        if all(index[: depths[n]] in places[n] for n in open_names)
    )


def _at(constraint: Expression, depths: Mapping[str, int], index: Index) -> Expression:
    return with_names(
        constraint, lambda n: n if n.index else replace(n, index=index[: depths[n.name]])
    )
