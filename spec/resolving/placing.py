"""An expression put in its place: every name one coordinate, lists and derived values written out.

    depth * width <= 64             depth * width[1] <= 64
    sum(width) <= 64          =>    sum(width[0...4]) <= 64
    flip in augment                 augment[0] == 1

Needs words that are resolved. An open name, one without an index, is the place that goes along
with the reader's. What stands within `sum`, `min` and `max` is taken at every place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from math import prod

from ..expression.evaluate import members
from ..expression.functions import OF_MANY
from ..expression.print import to_text
from ..expression.tree import (
    And,
    Binary,
    Call,
    Compare,
    Expression,
    Literal_,
    Name,
    Negate,
    Not,
    Or,
    Places,
    Value,
)
from ..expression.walk import mentions, open_names, parts, walk
from ..frozen import dataclass
from ..space import Derived
from .meaning import Listing
from .resolve import with_names

Index = tuple[int, ...]

MAX_NODES = 1_000
MAX_TEXT = 4_000
MAX_LEVELS = 90
"""How large an expression may become, since its text is read again wherever a study runs."""

MAX_READ = 500_000
"""How many coordinates all places of one expression may read together."""


class TooLarge(Exception):  # noqa: N818 - the caller says of what
    """Written out, the expression is larger than may be."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands behind the names of parameters; grows while a space is unrolled.

    Attributes:
        places: of each parameter, the index of every place; a list is one place.
        lists: the permutations and subsets.
        derived: of each derived value, by its id, what it is computed from.
        repeats: of a shared parameter, by its id, how often a trial gets each of its values.
    """

    places: dict[str, dict[Index, None]] = field(default_factory=dict)
    lists: dict[str, Listing] = field(default_factory=dict)
    derived: dict[str, Expression] = field(default_factory=dict)
    repeats: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, name: str, index: Index) -> None:
        """Notes a place."""
        self.places.setdefault(name, {})[index] = None

    def depth(self, name: str) -> int:
        """How many indices name one place of it."""
        return len(next(iter(self.places[name])))


def put_in_place(
    expression: Expression,
    index: Index,
    layout: Layout,
    aligned: Callable[[str], int] = lambda _: 0,
) -> Expression:
    """The expression as the reader at `index` means it.

    Args:
        expression: resolved, its indices in bounds.
        index: the reader's own place.
        layout: of all that it reads.
        aligned: how many leading indices of a parameter are the reader's own even within `sum`,
            since both stand in the same submodule.

    Raises:
        TooLarge: there would be too much of it.
    """
    if not layout.lists and not layout.derived and not _calls(expression):
        return _simple(expression, index, layout)
    made = _Placing(layout, aligned).at(expression, index)
    if not _is_small(made) or len(to_text(made)) > MAX_TEXT:
        raise TooLarge
    return made


def bound_reading(placed: Expression, places: int) -> None:
    """Sees to it that an expression which stands at many places reads little at each.

    Raises:
        TooLarge: it reads too much.
    """
    read = sum(
        prod(last - first + 1 for first, last in n.ranges) if isinstance(n, Places) else 1
        for n in mentions(placed)
    )
    if places > 1 and read * places > MAX_READ:
        raise TooLarge


def _simple(expression: Expression, index: Index, layout: Layout) -> Expression:
    return with_names(
        expression,
        lambda n: n if n.index else replace(n, index=index[: layout.depth(n.name)]),
    )


def _calls(expression: Expression) -> bool:
    return any(isinstance(node, Call | Places) for node in walk(expression))


def _is_small(expression: Expression) -> bool:
    """Whether it has neither too many nodes nor too many levels; no slower where it has."""
    level, count = [expression], 1
    for _ in range(MAX_LEVELS):
        level = [part for node in level for part in parts(node)]
        count += len(level)
        if not level or count > MAX_NODES:
            break
    return not level and count <= MAX_NODES


@dataclass(frozen=True, slots=True)
class _Placing:
    layout: Layout
    aligned: Callable[[str], int]

    def at(self, node: Expression, index: Index) -> Expression:
        match node:
            case Name():
                return self.name(node, index)
            case Compare(operator="in" | "not in" as word, left=left, right=Name() as list_):
                found = self.member(left, list_, index)
                return found if word == "in" else Not(found, at=node.at)
            case Call():
                return self.call(node, index)
            case Binary(left=left, right=right) | Compare(left=left, right=right):
                return replace(node, left=self.at(left, index), right=self.at(right, index))
            case And(operands=operands) | Or(operands=operands):
                return replace(node, operands=tuple(self.at(o, index) for o in operands))
            case Negate(operand=operand) | Not(operand=operand):
                return replace(node, operand=self.at(operand, index))
            case _:
                return node

    def name(self, name: Name, index: Index) -> Expression:
        placed = self.placed(name, index)
        return self.layout.derived.get(placed.id, placed)

    def placed(self, name: Name, index: Index) -> Name:
        return name if name.index else replace(name, index=index[: self.layout.depth(name.name)])

    def member(self, left: Expression, list_: Name, index: Index) -> Expression:
        """`flip in augment` as `augment[0] == 1`, of a choice for each value that both have."""
        values = self.layout.lists[list_.name].values
        where = self.placed(list_, index)
        if isinstance(left, Literal_):
            return _is_in(where, place_of(values, left.value))
        chosen = self.at(left, index)
        cases = [
            And((Compare("==", chosen, Literal_(v)), _is_in(where, k)))
            for k, v in enumerate(values)
        ]
        return cases[0] if len(cases) == 1 else Or(tuple(cases))

    def call(self, call: Call, index: Index) -> Expression:
        match call:
            case Call(function="position", arguments=(Name() as list_, Literal_(value=value))):
                values = self.layout.lists[list_.name].values
                where = self.placed(list_, index)
                digits = Places(where.name, where.index, ((0, len(values) - 2),))
                return replace(call, arguments=(digits, Literal_(place_of(values, value))))
            case Call(function="size", arguments=(Name() as list_,)):
                values = self.layout.lists[list_.name].values
                where = self.placed(list_, index)
                bits = Places(where.name, where.index, ((0, len(values) - 1),))
                return replace(call, function="sum", arguments=(bits,))
            case Call(function=function, arguments=arguments) if function in OF_MANY:
                repeated = function == "sum"
                made = [m for a in arguments for m in self.everywhere(a, index, repeated=repeated)]
                if len(made) > MAX_NODES:
                    raise TooLarge
                return replace(call, arguments=tuple(made))
            case _:
                return replace(call, arguments=tuple(self.at(a, index) for a in call.arguments))

    def everywhere(
        self, argument: Expression, index: Index, *, repeated: bool
    ) -> tuple[Expression, ...]:
        """What stands within `sum` at each place of the deepest array that it reads."""
        layout = self.layout
        if isinstance(argument, Places):
            return self.places(argument, repeated=repeated)
        open_ = {n.name for n in open_names(argument) if not n.index}
        deepest = max(sorted(open_), key=layout.depth, default=None)
        if deepest is None:
            return (self.at(argument, index),)
        fixed = index[: min(self.aligned(deepest), len(index))]
        # Places are noted in order.
        ends = next(reversed(layout.places[deepest]))
        whole = ends[len(fixed) :]
        if isinstance(argument, Name) and whole and not self.written_out(deepest, fixed + whole):
            return (Places(deepest, fixed, tuple((0, end) for end in whole), at=argument.at),)
        depths = {name: layout.depth(name) for name in open_}
        found = [
            self.times(self.at(argument, place), Name(deepest, place), repeated=repeated)
            for place in layout.places[deepest]
            if place[: len(fixed)] == fixed
            and all(place[:depth] in layout.places[name] for name, depth in depths.items())
        ]
        return tuple(found)

    def places(self, places: Places, *, repeated: bool) -> tuple[Expression, ...]:
        """Places that were written as a range."""
        first = Name(places.name, (*places.index, *(low for low, _ in places.ranges)))
        if not self.written_out(first.name, first.index):
            return (places,)
        return tuple(
            self.times(self.name(n, n.index), n, repeated=repeated) for n in members(places)
        )

    def written_out(self, name: str, index: Index) -> bool:
        """Whether places of it must stand there one by one."""
        id_ = Name(name, index).id
        return id_ in self.layout.derived or id_ in self.layout.repeats

    def times(self, term: Expression, place: Name, *, repeated: bool) -> Expression:
        """The term as often as a trial gets it, where it is shared."""
        for length in self.layout.repeats.get(place.id, ()) if repeated else ():
            term = Binary("*", term, Literal_(int(length)) if length.isdigit() else name_of(length))
        return term


def _is_in(list_: Name, place: int) -> Expression:
    return Compare("==", replace(list_, index=(*list_.index, place)), Literal_(1))


def place_of(values: tuple[Value, ...], value: Value) -> int:
    """Where a value stands, from 0; `1` and `true` are two values."""
    return next(
        k
        for k, v in enumerate(values)
        if v == value and isinstance(v, bool) == isinstance(value, bool)
    )


def name_of(id_: str) -> Name:
    """The name that an id is of: `depth[0]` as `Name("depth", (0,))`."""
    name, *brackets = id_.split("[")
    return Name(name, tuple(int(b.rstrip("]")) for b in brackets))


def value_of(derived: Derived) -> Expression:
    """What stands for a derived value in an expression that reads it."""
    conditions = derived.conditions
    if not conditions:
        return derived.expression
    condition = conditions[0] if len(conditions) == 1 else And(conditions)
    return Call("given", (condition, derived.expression))
