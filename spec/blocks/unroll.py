"""Coordinates of declarations: arrays written out, parents first, every condition resolved.

depth: int 2...3                        depth
width: {8, 16}, count depth      =>     width[0]  width[1]  width[2] when depth > 2
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import product

from ..expression.evaluate import names
from ..expression.tree import Compare, Expression, Literal_, Name
from ..frozen import dataclass
from ..readers import INVALID, Invalid, Reading, nearest, or_list
from ..resolve import MOST_COMPARED, with_names
from ..space import Coordinate, Domain, IntRange, Space
from .conditions import place_of
from .declaration import Declaration
from .topological import in_order

MAX_COORDINATES = 10_000

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of an array.

    Attributes:
        key: what tells it from others; arrays with equal keys go place by place.
        length: the most places that there are.
        count: the parameter that says how many there are, or None where it is always `length`.
    """

    key: str
    length: int
    count: str | None


@dataclass(frozen=True, slots=True)
class _Unfit(Exception):  # noqa: N818 - stops one declaration after it has been reported
    """The declaration cannot be unrolled; why has been reported."""


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
    ordered = in_order({d.name: _reads(d, by_name, whens) for d in by_name.values()})
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
    unrolling = _Unrolling(by_name, domains, whens, reading)
    for name in ordered.names:
        try:
            unrolling.add(by_name[name])
        except _Unfit:
            # What hangs on it cannot be unrolled either, and would only repeat the message.
            return INVALID
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
    declared: Mapping[str, Declaration]
    domains: Mapping[str, Domain]
    whens: Mapping[str, Expression]
    reading: Reading
    axes: dict[str, tuple[Axis, ...]] = field(default_factory=dict)
    made: list[Coordinate] = field(default_factory=list)
    conditions: dict[str, tuple[Expression, ...]] = field(default_factory=dict)

    def add(self, declaration: Declaration) -> None:
        axes = self._axes_of(declaration)
        self.axes[declaration.name] = axes
        places = 1
        for axis in axes:
            places *= axis.length
        if len(self.made) + places > MAX_COORDINATES:
            self.reading.report(
                "OFC212",
                f"with `{declaration.name}` the space has {len(self.made) + places} coordinates, "
                f"at most {MAX_COORDINATES} are searched",
                declaration.place,
                f"an array of {places} places",
                "lower the upper bound of what counts it",
            )
            raise _Unfit
        when = self._when(declaration, axes)
        for index in product(*(range(a.length) for a in axes)):
            self._place(declaration, axes, index, when)

    def _axes_of(self, declaration: Declaration) -> tuple[Axis, ...]:
        axes: tuple[Axis, ...] = ()
        branch = declaration.branch
        if branch is not None:
            axes = self.axes[branch.host]
        if branch is not None and branch.counted:
            axes = (*axes, self._axis(declaration, branch.host))
        if declaration.count is None:
            return axes
        count = declaration.count.value
        if isinstance(count, str):
            axis = self._axis(declaration, count)
            return (*self._joined(declaration, axes, self.axes[count]), axis)
        if not 1 <= count <= MAX_COORDINATES:
            self._fault(
                declaration,
                "OFC213",
                f"`{declaration.name}` is an array of {count} places",
                "cannot be so long",
                f"write a number from 1 to {MAX_COORDINATES}",
            )
        return (*axes, Axis(f"{declaration.name}#{len(axes)}", count, None))

    def _axis(self, declaration: Declaration, count: str) -> Axis:
        domain = self.domains.get(count)
        if domain is None:
            others = tuple(
                n
                for n, d in self.domains.items()
                if isinstance(d, IntRange) and n != declaration.name
            )
            meant = nearest(count, others[:MOST_COMPARED])
            self._fault(
                declaration,
                "OFC207",
                f"`{count[:40]}` is no parameter of the search space",
                f"did you mean `{meant}`?" if meant else "unknown name",
                f"write `{meant}`"
                if meant
                else f"write {or_list(others[:8])}"
                if others
                else f"write a number, or add `{count[:40]}: 2...5`",
            )
        if not isinstance(domain, IntRange) or domain.low < 0 or domain.scale == "logit":
            self._fault(
                declaration,
                "OFC213",
                f"`{count}` counts the places of `{declaration.name}` and is not an int from 0 up",
                "cannot count",
                f"make `{count}` an int with a range such as `2...5`",
            )
        high = domain.high if isinstance(domain, IntRange) else 0
        return Axis(count, high, count)

    def _joined(
        self, declaration: Declaration, one: tuple[Axis, ...], other: tuple[Axis, ...]
    ) -> tuple[Axis, ...]:
        short, long = sorted((one, other), key=len)
        if [a.key for a in long[: len(short)]] != [a.key for a in short]:
            self._fault(
                declaration,
                "OFC216",
                f"`{declaration.name}` stands in one array and is counted by another",
                "the arrays do not go together",
                "count it by a parameter of the same array",
            )
        return long

    def _fault(
        self, declaration: Declaration, code: str, message: str, label: str, help_: str
    ) -> None:
        place = declaration.count.span if declaration.count is not None else declaration.place
        self.reading.report(code, message, place, label, help_)
        raise _Unfit

    def _when(self, declaration: Declaration, axes: tuple[Axis, ...]) -> Expression | None:
        """Its condition; reports an array where one value is wanted."""
        condition = self.whens.get(declaration.name)
        if condition is None or declaration.when is None:
            return None
        for name in names(condition):
            problem = self._misread(declaration, name, axes)
            if problem is not None:
                place = place_of(declaration.when, name.at)
                self.reading.report("OFC216", problem[0], place, problem[1], problem[2])
                return None
        return condition

    def _misread(
        self, declaration: Declaration, name: Name, axes: tuple[Axis, ...]
    ) -> tuple[str, str, str] | None:
        theirs = self.axes[name.name]
        if name.index:
            fits = len(name.index) == len(theirs) and all(
                i < a.length for i, a in zip(name.index, theirs, strict=True)
            )
            last = "".join(f"[{a.length - 1}]" for a in theirs)
            return (
                None
                if fits
                else (
                    f"`{name.id}` is no place of `{name.name}`",
                    "no such place",
                    f"the last one is `{name.name}{last}`",
                )
            )
        if [a.key for a in theirs] == [a.key for a in axes[: len(theirs)]]:
            return None
        outer = theirs[0].count
        return (
            f"`{name.name}` is an array, and `{declaration.name}` does not go along with it",
            "which place of it?",
            f"write `{name.name}{'[0]' * len(theirs)}`"
            + (f", or count `{declaration.name}` by `{outer}` too" if outer else ""),
        )

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
                str(a.length) if a.count is None else self._at(a.count, index).id for a in axes
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
            own.append(with_names(when, lambda n: n if n.index else self._at(n.name, index)))
        counted: list[Expression] = []
        for level in reversed(range(len(axes))):
            if not self._implied(axes, index, level, (*counted, *own)):
                counted[:0] = self._of_axis(axes[level], index, index[level])
        yield from (*counted, *own)

    def _of_axis(self, axis: Axis, index: Index, place: int) -> list[Expression]:
        if axis.count is None:
            return []
        count = self._at(axis.count, index)
        domain = self.domains[axis.count]
        always = isinstance(domain, IntRange) and domain.low > place
        if always and not self.conditions[count.id]:
            return []
        return [Compare(">", count, Literal_(place))]

    def _of_branch(self, declaration: Declaration, index: Index) -> tuple[Expression, ...]:
        branch = declaration.branch
        if branch is None or branch.counted:
            return ()
        host = self._at(branch.host, index)
        if not branch.values:
            return self.conditions[host.id]
        return tuple(Compare("==", host, Literal_(v)) for v in branch.values)

    def _implied(
        self, axes: tuple[Axis, ...], index: Index, level: int, found: tuple[Expression, ...]
    ) -> bool:
        """Whether a condition reads a place that itself exists only with this one."""
        for condition in found:
            for name in names(condition):
                theirs = self.axes[name.name][: level + 1]
                if theirs == axes[: level + 1] and name.index[: level + 1] == index[: level + 1]:
                    return True
        return False

    def _at(self, name: str, index: Index) -> Name:
        """The place of another array that goes along with `index`."""
        return Name(name, index[: len(self.axes[name])])
