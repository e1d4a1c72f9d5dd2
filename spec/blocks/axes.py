"""The arrays that parameters are: which counts which, and whose places go along with whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NoReturn

from ..expression.tree import Name
from ..frozen import dataclass
from ..readers import Reading, nearest, or_list
from ..resolve_values import MOST_COMPARED
from ..space import Domain, IntRange
from .declaration import Declaration

MAX_COORDINATES = 10_000

Index = tuple[int, ...]


class Unfit(Exception):  # noqa: N818 - stops one declaration
    """The declaration cannot be unrolled; why has been reported."""


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


@dataclass(slots=True)
class Arrays:
    """The axes of every parameter, outermost first, as far as they have been told."""

    domains: Mapping[str, Domain]
    reading: Reading
    axes: dict[str, tuple[Axis, ...]] = field(default_factory=dict)

    def add(self, declaration: Declaration) -> tuple[Axis, ...]:
        """The axes of a parameter, after those of all that it hangs on.

        Raises:
            Unfit: they cannot be told.
        """
        axes = self._axes_of(declaration)
        self.axes[declaration.name] = axes
        return axes

    def at(self, name: str, index: Index) -> Name:
        """The place of another array that goes along with `index`."""
        return Name(name, index[: len(self.axes[name])])

    def misread(
        self, declaration: Declaration, name: Name, axes: tuple[Axis, ...]
    ) -> tuple[str, str, str] | None:
        """What is wrong where a condition of `declaration` reads `name`: message, label, help."""
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
        if not isinstance(domain, IntRange) or domain.low < 0:
            self._fault(
                declaration,
                "OFC213",
                f"`{count}` counts the places of `{declaration.name}` and is not an int from 0 up",
                "cannot count",
                f"make `{count}` an int with a range such as `2...5`",
            )
        return Axis(count, domain.high, count)

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
    ) -> NoReturn:
        place = declaration.count.span if declaration.count is not None else declaration.place
        self.reading.report(code, message, place, label, help_)
        raise Unfit
