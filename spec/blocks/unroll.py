"""Coordinates of declarations: arrays written out, parents first, every condition resolved.

    depth: int 2...3                        depth
    width: {8, 16}, count depth      =>     width[0]  width[1]  width[2] when depth > 2

Needs conditions whose words are resolved; gives each of their names its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import product
from math import prod

from ..expression.evaluate import names
from ..expression.tree import Compare, Expression, Literal_
from ..frozen import dataclass
from ..readers import INVALID, Invalid, Reading
from ..resolve import with_names
from ..space import Coordinate, IntRange, Space
from .axes import MAX_COORDINATES, Arrays, Axis, Index, Unfit
from .conditions import place_of
from .declaration import Declaration
from .topological import in_order


def unroll(
    by_name: Mapping[str, Declaration], whens: Mapping[str, Expression], reading: Reading
) -> Space | Invalid:
    """The space of these parameters, in an order in which conditions read earlier ones only.

    Args:
        by_name: the parameters as declared.
        whens: their resolved conditions, names without places.
        reading: where findings gather.
    """
    before = len(reading.found)
    reads = {d.name: _reads(d, by_name, whens) for d in by_name.values()}
    ordered = in_order(reads)
    if ordered.cycle:
        first = by_name[ordered.cycle[0]]
        way = " -> ".join(f"`{n}`" for n in ordered.cycle)
        return reading.report(
            "OFC208",
            f"the parameters hang on each other in a circle: {way}",
            first.when.span if first.when is not None else first.place,
            "begins and ends here",
            "remove one of the conditions",
        )
    domains = {d.name: d.domain for d in by_name.values()}
    unrolling = _Unrolling(Arrays(domains, reading), whens, reading)
    unfit: set[str] = set()
    for name in ordered.names:
        # What hangs on what cannot be unrolled would only repeat the message.
        if not unfit.isdisjoint(reads[name]) or not unrolling.add(by_name[name]):
            unfit.add(name)
    return Space(tuple(unrolling.made)) if len(reading.found) == before else INVALID


def _reads(
    declaration: Declaration,
    known: Mapping[str, Declaration],
    whens: Mapping[str, Expression],
) -> tuple[str, ...]:
    """The parameters that must come before it."""
    found: list[str] = []
    if declaration.branch is not None:
        found.append(declaration.branch.host)
    if declaration.count is not None and isinstance(declaration.count.value, str):
        found.append(declaration.count.value)
    if declaration.name in whens:
        found += [n.name for n in names(whens[declaration.name])]
    return tuple(n for n in dict.fromkeys(found) if n in known)


@dataclass(slots=True)
class _Unrolling:
    arrays: Arrays
    whens: Mapping[str, Expression]
    reading: Reading
    made: list[Coordinate] = field(default_factory=list)
    conditions: dict[str, tuple[Expression, ...]] = field(default_factory=dict)

    def add(self, declaration: Declaration) -> bool:
        """Makes its coordinates; whether it could."""
        try:
            axes = self.arrays.add(declaration)
        except Unfit:
            return False
        places = prod(a.length for a in axes)
        if len(self.made) + places > MAX_COORDINATES:
            self.reading.report(
                "OFC212",
                f"with `{declaration.name}` the space has {len(self.made) + places} coordinates, "
                f"at most {MAX_COORDINATES} are searched",
                declaration.place,
                f"an array of {places} places",
                "lower the upper bound of what counts it",
            )
            return False
        when = self._when(declaration, axes)
        for index in product(*(range(a.length) for a in axes)):
            self._place(declaration, axes, index, when)
        return True

    def _when(self, declaration: Declaration, axes: tuple[Axis, ...]) -> Expression | None:
        """Its condition; reports an array where one value is wanted."""
        condition = self.whens.get(declaration.name)
        if condition is None or declaration.when is None:
            return None
        for name in names(condition):
            problem = self.arrays.misread(declaration, name, axes)
            if problem is not None:
                place = place_of(declaration.when, name.at)
                self.reading.report("OFC216", problem[0], place, problem[1], problem[2])
                return None
        return condition

    def _place(
        self,
        declaration: Declaration,
        axes: tuple[Axis, ...],
        index: Index,
        when: Expression | None,
    ) -> None:
        conditions = tuple(self._conditions(declaration, axes, index, when))
        coordinate = Coordinate(
            name=declaration.name,
            index=index,
            domain=declaration.domain,
            conditions=conditions,
            default=declaration.default,
            lengths=tuple(
                str(a.length) if a.count is None else self.arrays.at(a.count, index).id
                for a in axes
            ),
        )
        self.conditions[coordinate.id] = conditions
        self.made.append(coordinate)

    def _conditions(
        self,
        declaration: Declaration,
        axes: tuple[Axis, ...],
        index: Index,
        when: Expression | None,
    ) -> Iterator[Expression]:
        own = [*self._of_branch(declaration, index)]
        if when is not None:
            own.append(with_names(when, lambda n: n if n.index else self.arrays.at(n.name, index)))
        counted: list[Expression] = []
        for level in reversed(range(len(axes))):
            if not self._implied(axes, index, level, (*counted, *own)):
                counted[:0] = self._of_axis(axes[level], index, index[level])
        yield from (*counted, *own)

    def _of_axis(self, axis: Axis, index: Index, place: int) -> list[Expression]:
        if axis.count is None:
            return []
        count = self.arrays.at(axis.count, index)
        domain = self.arrays.domains[axis.count]
        always = isinstance(domain, IntRange) and domain.low > place
        if always and not self.conditions[count.id]:
            return []
        return [Compare(">", count, Literal_(place))]

    def _of_branch(self, declaration: Declaration, index: Index) -> tuple[Expression, ...]:
        branch = declaration.branch
        if branch is None or branch.counted:
            return ()
        host = self.arrays.at(branch.host, index)
        if not branch.values:
            return self.conditions[host.id]
        return tuple(Compare("==", host, Literal_(v)) for v in branch.values)

    def _implied(
        self, axes: tuple[Axis, ...], index: Index, level: int, found: tuple[Expression, ...]
    ) -> bool:
        """Whether a condition reads a place that itself exists only with this one."""
        for condition in found:
            for name in names(condition):
                theirs = self.arrays.axes[name.name][: level + 1]
                if theirs == axes[: level + 1] and name.index[: level + 1] == index[: level + 1]:
                    return True
        return False
