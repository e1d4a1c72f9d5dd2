"""The arrays that parameters are: which counts which, and whose places go along with whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import NoReturn

from ..expression.tree import Name, Places
from ..frozen import dataclass
from ..readers import Reading, nearest, or_list
from ..resolving.meaning import Computed, Meaning
from ..resolving.values import MOST_COMPARED
from ..space import IntRange
from .conditions import place_of
from .declaration import Declaration

MAX_COORDINATES = 10_000

Index = tuple[int, ...]

Misread = tuple[str, str, str]
"""What is wrong where an expression reads an array: message, label, help."""


class Unfit(Exception):  # noqa: N818 - stops one declaration
    """The declaration cannot be unrolled; why has been reported."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of an array.

    Attributes:
        key: what tells it from others; arrays with equal keys go place by place.
        length: the most places that there are.
        count: the parameter that says how many there are, or None where it is always `length`.
        shared: all places have one value, so that no index names them.
    """

    key: str
    length: int
    count: str | None
    shared: bool = False


@dataclass(slots=True)
class Arrays:
    """The axes of every parameter, outermost first, as far as they have been told.

    Attributes:
        axes: those that an index names.
        levels: all of them, the shared ones too.
    """

    meanings: Mapping[str, Meaning]
    reading: Reading
    axes: dict[str, tuple[Axis, ...]] = field(default_factory=dict)
    levels: dict[str, tuple[Axis, ...]] = field(default_factory=dict)

    def add(self, declaration: Declaration, read: Iterable[Name] = ()) -> tuple[Axis, ...]:
        """The axes of a parameter, after those of all that it hangs on.

        Args:
            declaration: of the parameter.
            read: what it is computed from; it goes along with those arrays, place by place.

        Raises:
            Unfit: they cannot be told.
        """
        levels = self._levels_of(declaration)
        for name in read:
            levels = self._along(declaration, levels, name)
        self.levels[declaration.name] = levels
        self.axes[declaration.name] = _indexed(levels)
        return self.axes[declaration.name]

    def at(self, name: str, index: Index) -> Name:
        """The place of another array that goes along with `index`."""
        return Name(name, index[: len(self.axes[name])])

    def standing(self, declaration: Declaration) -> tuple[Axis, ...]:
        """The arrays that it stands in by its submodule."""
        return _indexed(self._of_branch(declaration))

    def misplaced(self, name: Name | Places) -> Misread | None:
        """What is wrong with the places that are named, if they are."""
        theirs = self.axes[name.name]
        written = [(i, i) for i in name.index]
        written += name.ranges if isinstance(name, Places) else ()
        fits = len(written) == len(theirs) and all(
            first <= last < a.length for (first, last), a in zip(written, theirs, strict=True)
        )
        if fits or not written:
            return None
        last = "".join(f"[{a.length - 1}]" for a in theirs)
        shown = "".join(f"[{f}]" if f == e else f"[{f}...{e}]" for f, e in written)
        shared = len(self.levels[name.name]) > len(theirs)
        return (
            f"`{name.name}{shown}` is no place of `{name.name}`",
            "no such place",
            f"the last one is `{name.name}{last}`"
            if theirs
            else f"all places are one, so write `{name.name}`"
            if shared
            else f"it is no array, so write `{name.name}`",
        )

    def misread(
        self, declaration: Declaration, name: Name, axes: tuple[Axis, ...]
    ) -> Misread | None:
        """What is wrong where an expression of `declaration` reads the whole of `name`."""
        theirs = self.axes[name.name]
        if [a.key for a in theirs] == [a.key for a in axes[: len(theirs)]]:
            return None
        outer = theirs[0].count
        return (
            f"`{name.name}` is an array, and `{declaration.written}` does not go along with it",
            "which place of it?",
            f"write `{name.name}{'[0]' * len(theirs)}`"
            + (f", or count `{declaration.written}` by `{outer}` too" if outer else ""),
        )

    def _levels_of(self, declaration: Declaration) -> tuple[Axis, ...]:
        levels = self._of_branch(declaration)
        if declaration.count is None:
            return levels
        count, shared = declaration.count.value, declaration.shared
        if isinstance(count, str):
            axis = self._axis(declaration, count, shared=shared)
            return (*self._joined(declaration, levels, self.axes[count]), axis)
        if not 1 <= count <= MAX_COORDINATES:
            self._fault(
                declaration,
                "OFC213",
                f"`{declaration.written}` is an array of {count} places",
                "cannot be so long",
                f"write a number from 1 to {MAX_COORDINATES}",
            )
        return (*levels, Axis(f"{declaration.name}#{len(levels)}", count, None, shared))

    def _of_branch(self, declaration: Declaration) -> tuple[Axis, ...]:
        branch = declaration.branch
        if branch is None:
            return ()
        levels = self.levels[branch.host]
        if not branch.counted:
            return levels
        return (*levels, self._axis(declaration, branch.host, shared=branch.shared))

    def _axis(self, declaration: Declaration, count: str, *, shared: bool) -> Axis:
        meaning = self.meanings.get(count)
        if meaning is None:
            others = tuple(
                n
                for n, d in self.meanings.items()
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
        if not isinstance(meaning, IntRange) or meaning.low < 0:
            what = "is computed" if isinstance(meaning, Computed) else "is not an int from 0 up"
            self._fault(
                declaration,
                "OFC213",
                f"`{count}` counts the places of `{declaration.written}` and {what}",
                "cannot count",
                f"count by a parameter that `{count}` is computed from, or by a number"
                if isinstance(meaning, Computed)
                else f"make `{count}` an int with a range such as `2...5`",
            )
        return Axis(count, meaning.high, count, shared)

    def _joined(
        self, declaration: Declaration, levels: tuple[Axis, ...], other: tuple[Axis, ...]
    ) -> tuple[Axis, ...]:
        """The levels, with those of what counts it where that stands deeper."""
        one = _indexed(levels)
        short, long = sorted((one, other), key=len)
        if [a.key for a in long[: len(short)]] != [a.key for a in short]:
            self._fault(
                declaration,
                "OFC216",
                f"`{declaration.written}` stands in one array and is counted by another",
                "the arrays do not go together",
                "count it by a parameter of the same array",
            )
        return (*levels, *other[len(one) :])

    def _along(
        self, declaration: Declaration, levels: tuple[Axis, ...], name: Name
    ) -> tuple[Axis, ...]:
        """The levels of what is computed from `name`, which may be an array of its own."""
        one, other = _indexed(levels), self.axes[name.name]
        if all(_go_together(a, b) for a, b in zip(one, other, strict=False)):
            return (*levels, *other[len(one) :])
        value = declaration.value
        self.reading.report(
            "OFC216",
            f"`{declaration.written}` is computed from arrays of different length",
            declaration.place if value is None else place_of(value, name.at),
            f"`{name.name}` does not go along with the others",
            f"name one place of it, as in `{name.name}{'[0]' * len(other)}`",
        )
        raise Unfit

    def _fault(
        self, declaration: Declaration, code: str, message: str, label: str, help_: str
    ) -> NoReturn:
        place = declaration.count.span if declaration.count is not None else declaration.place
        self.reading.report(code, message, place, label, help_)
        raise Unfit


def _indexed(levels: tuple[Axis, ...]) -> tuple[Axis, ...]:
    return tuple(level for level in levels if not level.shared)


def _go_together(one: Axis, other: Axis) -> bool:
    return one.key == other.key or (one.count is other.count is None and one.length == other.length)
