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

from ..expression.bounds import Bounds, bounds
from ..expression.print import to_text
from ..expression.tree import Call, Compare, Expression, Literal_, Name
from ..expression.walk import mentions, open_names
from ..frozen import dataclass
from ..readers import INVALID, Invalid, Reading
from ..resolving.meaning import Listing, bounds_of
from ..resolving.placing import (
    Layout,
    TooLarge,
    bound_reading,
    put_in_place,
    value_of,
)
from ..space import Composite, Coordinate, Derived, Graph, IntRange, Space
from .axes import MAX_COORDINATES, Arrays, Axis, Index, Unfit
from .conditions import place_of
from .declaration import Declaration
from .digits import coordinates_of, size_constraints
from .formulas import Formulas
from .hanging import hangs_on
from .placed import At
from .topological import in_order


def unroll(
    by_name: Mapping[str, Declaration],
    formulas: Formulas,
    whens: Mapping[str, Expression],
    reading: Reading,
) -> Space | Invalid:
    """The space of these parameters, in an order in which conditions read earlier ones only.

    Args:
        by_name: the parameters as declared.
        formulas: what the derived ones are computed from.
        whens: their resolved conditions, names without places.
        reading: where findings gather.
    """
    before = len(reading.found)
    reads = {d.name: hangs_on(d, by_name, formulas, whens) for d in by_name.values()}
    ordered = in_order(reads)
    if ordered.cycle:
        first = by_name[ordered.cycle[0]]
        way = " -> ".join(f"`{n}`" for n in ordered.cycle)
        hanging = first.when or first.value
        return reading.report(
            "OFC208",
            f"the parameters hang on each other in a circle: {way}",
            hanging.span if hanging is not None else first.place,
            "begins and ends here",
            "remove one of the conditions",
        )
    unrolling = _Unrolling(Arrays(formulas.meanings, reading), formulas, whens, reading)
    unfit: set[str] = set()
    for name in ordered.names:
        # What hangs on what cannot be unrolled would only repeat the message.
        if not unfit.isdisjoint(reads[name]) or not unrolling.add(by_name[name]):
            unfit.add(name)
    return unrolling.space() if len(reading.found) == before else INVALID


@dataclass(slots=True)
class _Unrolling:
    arrays: Arrays
    formulas: Formulas
    whens: Mapping[str, Expression]
    reading: Reading
    layout: Layout = field(default_factory=Layout)
    made: list[Coordinate] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)
    composites: list[Composite] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)
    constraints: list[Expression] = field(default_factory=list)
    conditions: dict[str, tuple[Expression, ...]] = field(default_factory=dict)
    box: dict[str, Bounds] = field(default_factory=dict)

    def space(self) -> Space:
        """All that has been made."""
        return Space(
            tuple(self.made),
            tuple(self.constraints),
            tuple(self.derived),
            tuple(self.composites),
            tuple(self.graphs),
        )

    def add(self, declaration: Declaration) -> bool:
        """Makes its coordinates, or its derived values; whether it could."""
        term = self.formulas.terms.get(declaration.name)
        try:
            read = [n for n in open_names(term) if not n.index] if term is not None else []
            axes = self.arrays.add(declaration, read)
        except Unfit:
            return False
        if not self._fits(declaration, axes):
            return False
        when = self._readable(declaration, declaration.when, self.whens, axes)
        if term is not None:
            term = self._readable(declaration, declaration.value, self.formulas.terms, axes)
            if term is None:
                return False
        if isinstance(declaration.domain, Listing):
            self.layout.lists[declaration.name] = declaration.domain
        places = list(product(*(range(a.length) for a in axes)))
        try:
            for expression in (e for e in (when, term) if e is not None):
                bound_reading(self._at(declaration, expression, places[0]), len(places))
            for index in places:
                self._place(declaration, axes, index, when, term)
        except TooLarge:
            written = declaration.value or declaration.when
            self.reading.report(
                "OFC224",
                f"what `{declaration.written}` is computed from or hangs on grows too large",
                declaration.place if written is None else written.span,
                "too much when it is written out",
                "compute less of other computed values, or sum up fewer places",
            )
            return False
        return term is None or self._exists(declaration)

    def _fits(self, declaration: Declaration, axes: tuple[Axis, ...]) -> bool:
        """Whether there is room for it; reports where there is not."""
        places = prod(a.length for a in axes)
        if isinstance(declaration.domain, Listing):
            places *= len(declaration.domain.values)
        count = len(self.made) + len(self.derived) + places
        if count <= MAX_COORDINATES:
            return True
        self.reading.report(
            "OFC212",
            f"with `{declaration.written}` the space has {count} coordinates, "
            f"at most {MAX_COORDINATES} are searched",
            declaration.place,
            f"an array of {places} places",
            "lower the upper bound of what counts it",
        )
        return False

    def _readable(
        self,
        declaration: Declaration,
        written: At[Expression] | None,
        resolved: Mapping[str, Expression],
        axes: tuple[Axis, ...],
    ) -> Expression | None:
        """Its condition or term; reports an array where one value is wanted."""
        expression = resolved.get(declaration.name)
        if expression is None or written is None:
            return None
        # What a value is computed from has given it its axes, so all of that goes along.
        whole = open_names(expression) if written is declaration.when else ()
        problems = [(name, self.arrays.misplaced(name)) for name in mentions(expression)] + [
            (name, self.arrays.misread(declaration, name, axes)) for name in whole if not name.index
        ]
        for name, wrong in problems:
            if wrong is not None:
                place = place_of(written, name.at)
                self.reading.report("OFC216", wrong[0], place, wrong[1], wrong[2])
                return None
        return expression

    def _place(
        self,
        declaration: Declaration,
        axes: tuple[Axis, ...],
        index: Index,
        when: Expression | None,
        term: Expression | None,
    ) -> None:
        name = declaration.name
        expression = None if term is None else self._at(declaration, term, index)
        conditions = tuple(self._conditions(declaration, axes, index, when, expression))
        levels = self.arrays.levels[name]
        lengths = tuple(
            str(a.length) if a.count is None else self.arrays.at(a.count, index).id for a in levels
        )
        shared = tuple(i for i, level in enumerate(levels) if level.shared)
        id_ = Name(name, index).id
        self.conditions[id_] = conditions
        self.layout.add(name, index)
        if shared:
            self.layout.repeats[id_] = tuple(lengths[i] for i in shared)
        if expression is not None:
            type_ = self.formulas.type(name)
            derived = Derived(
                name, index, expression, conditions, lengths, shared, type_, declaration.called
            )
            self.derived.append(derived)
            self.layout.derived[id_] = value_of(derived)
            return
        if isinstance(declaration.domain, Listing):
            kind, values = declaration.domain.kind, declaration.domain.values
            self.composites.append(Composite(kind, name, index, values, declaration.called))
            self.constraints += size_constraints(declaration, index)
        graph = declaration.graph
        if graph is not None and index[-1] == 0:
            self.graphs.append(Graph(name, index[:-1], graph.edges, graph.absent, graph.identity))
        for coordinate in coordinates_of(declaration, index, conditions, lengths, shared):
            self.made.append(coordinate)
            self.box[coordinate.id] = bounds_of(coordinate.domain, certain=not conditions)

    def _at(self, declaration: Declaration, expression: Expression, index: Index) -> Expression:
        """An expression of it as it is meant at one place."""
        standing = self.arrays.standing(declaration)

        def aligned(name: str) -> int:
            theirs = self.arrays.axes[name]
            common = [a.key == b.key for a, b in zip(theirs, standing, strict=False)]
            return (*common, False).index(False)

        return put_in_place(expression, index, self.layout, aligned)

    def _exists(self, declaration: Declaration) -> bool:
        """Sees to it that a derived value exists wherever it is wanted; whether it ever does."""
        mine = [d for d in self.derived if d.name == declaration.name]
        found = bounds(value_of(mine[0]), self.box)
        if found.never and declaration.value is not None:
            self.reading.report(
                "OFC225",
                f"`{to_text(declaration.value.value)}` of `{declaration.written}` "
                "never has a value",
                declaration.value.span,
                "divides by zero, leaves the real numbers, or grows too large",
                "change the term, or the ranges of what it reads",
            )
            return False
        if not found.sure:
            self.constraints += [Call("defined", (value_of(d),)) for d in mine]
        return True

    def _conditions(
        self,
        declaration: Declaration,
        axes: tuple[Axis, ...],
        index: Index,
        when: Expression | None,
        term: Expression | None,
    ) -> Iterator[Expression]:
        own = [*self._of_branch(declaration, index)]
        if when is not None:
            own.append(self._at(declaration, when, index))
        counted: list[Expression] = []
        read = () if term is None else (term,)
        for level in reversed(range(len(axes))):
            if not self._implied(axes, index, level, (*counted, *own, *read)):
                counted[:0] = self._of_axis(axes[level], index, index[level])
        for axis in self.arrays.levels[declaration.name]:
            if axis.shared:
                counted += self._of_axis(axis, index, 0)
        yield from (*counted, *own)

    def _of_axis(self, axis: Axis, index: Index, place: int) -> list[Expression]:
        if axis.count is None:
            return []
        count = self.arrays.at(axis.count, index)
        domain = self.arrays.meanings[axis.count]
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
            for name in open_names(condition):
                theirs = self.arrays.axes[name.name][: level + 1]
                if theirs == axes[: level + 1] and name.index[: level + 1] == index[: level + 1]:
                    return True
        return False
