"""Joins the constraints of a study into its space, one for each place of an array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from ..expression.functions import OF_MANY
from ..expression.print import to_text
from ..expression.tree import (
    And,
    Binary,
    Call,
    Compare,
    Expression,
    Name,
    Negate,
    Not,
    Or,
    Places,
)
from ..expression.walk import mentions, open_names
from ..frozen import dataclass
from ..space import Space
from .meaning import Computed, Listing, Meaning
from .placing import (
    Index,
    Layout,
    TooLarge,
    bound_reading,
    put_in_place,
    value_of,
)
from .resolve import MOST_FAULTS, Fault, resolve, with_names

MAX_CONSTRAINTS = 10_000
MOST_VARIANTS = 1_000


@dataclass(frozen=True, slots=True)
class Joined:
    """The space with the constraints that are good.

    Attributes:
        faults: what is wrong, with the position of the constraint that it is in.
    """

    space: Space
    faults: tuple[tuple[int, Fault], ...]


def join_constraints(space: Space, constraints: Sequence[Expression]) -> Joined:
    """The space with `constraints`, as they were written, before those that it has of itself.

    Arrays go place by place, from their outermost: `depth * width <= 64` holds for each width,
    and `a * b <= 64` for `a[0]` with `b[0]`, `a[1]` with `b[1]` and so on. Within `sum` and its
    like they stand as a whole.
    """
    meanings, layout = _known(space)
    variants = _called_alike(space)
    made: dict[Expression, None] = {}
    faults: list[tuple[int, Fault]] = []
    for position, written in enumerate(constraints):
        for meant in _variants(written, variants):
            resolved = resolve(meant, meanings)
            found = resolved.faults or _misread(resolved.expression, layout.places)
            faults += [(position, fault) for fault in found]
            if not found:
                try:
                    made.update(dict.fromkeys(_instances(resolved.expression, layout)))
                except TooLarge:
                    faults.append((position, _too_large(written)))
        if len(faults) >= MOST_FAULTS:
            break
        if len(made) > MAX_CONSTRAINTS:
            faults.append((position, _too_many(written)))
            break
    made.update(dict.fromkeys(space.constraints))
    return Joined(replace(space, constraints=tuple(made)), tuple(faults))


def _known(space: Space) -> tuple[dict[str, Meaning], Layout]:
    """What the names of a space mean, and what stands behind them."""
    meanings: dict[str, Meaning] = {}
    layout = Layout()
    for composite in space.composites:
        meanings[composite.name] = Listing(composite.kind, composite.values)
    layout.lists.update((n, m) for n, m in meanings.items() if isinstance(m, Listing))
    for c in space.coordinates:
        listed = c.name in layout.lists
        if not listed:
            meanings[c.name] = c.domain
        index = c.index[:-1] if listed else c.index
        layout.add(c.name, index)
        if c.shared:
            layout.repeats[c.id] = tuple(c.lengths[i] for i in c.shared)
    for derived in space.derived:
        meanings[derived.name] = Computed(derived.type)
        layout.add(derived.name, derived.index)
        layout.derived[derived.id] = value_of(derived)
        if derived.shared:
            layout.repeats[derived.id] = tuple(derived.lengths[i] for i in derived.shared)
    return meanings, layout


def _called_alike(space: Space) -> dict[str, tuple[str, ...]]:
    """The names of parameters that set one argument, by that argument."""
    found: dict[str, dict[str, None]] = {}
    pairs = [(c.argument, c.name) for c in space.coordinates]
    pairs += [(d.argument, d.name) for d in space.derived]
    for argument, name in pairs:
        found.setdefault(argument, {})[name] = None
    return {argument: tuple(names) for argument, names in found.items() if len(names) > 1}


def _variants(
    written: Expression, variants: Mapping[str, tuple[str, ...]]
) -> tuple[Expression, ...]:
    """The constraint for each parameter that one of its names may mean; one of them is active.

    Within `sum` and its like all of them stand together, since those leave out what is inactive.
    """
    if not any(n.name in variants for n in mentions(written)):
        return (written,)
    together = _together(written, variants)
    return _each(together, open_names(together), variants, in_sums=False)


def _each(
    term: Expression,
    read: Iterable[Name | Places],
    variants: Mapping[str, tuple[str, ...]],
    *,
    in_sums: bool,
) -> tuple[Expression, ...]:
    names = [n for n in dict.fromkeys(n.name for n in read) if n in variants]
    meant = product(*(variants[name] for name in names))

    def called(by: Mapping[str, str]) -> Expression:
        return with_names(term, lambda n: replace(n, name=by.get(n.name, n.name)), in_sums=in_sums)

    return tuple(
        called(dict(zip(names, chosen, strict=True))) for chosen in islice(meant, MOST_VARIANTS)
    )


def _together(term: Expression, variants: Mapping[str, tuple[str, ...]]) -> Expression:
    """`sum(width)` as `sum(width, width__trees)`."""
    match term:
        case Call(function=function, arguments=arguments) if function in OF_MANY:
            each = (_each(a, mentions(a), variants, in_sums=True) for a in arguments)
            return replace(term, arguments=tuple(part for parts in each for part in parts))
        case Call(arguments=arguments):
            return replace(term, arguments=tuple(_together(a, variants) for a in arguments))
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return replace(term, left=_together(left, variants), right=_together(right, variants))
        case And(operands=operands) | Or(operands=operands):
            return replace(term, operands=tuple(_together(o, variants) for o in operands))
        case Negate(operand=operand) | Not(operand=operand):
            return replace(term, operand=_together(operand, variants))
        case _:
            return term


def _misread(constraint: Expression, places: Mapping[str, dict[Index, None]]) -> tuple[Fault, ...]:
    found = mentions(constraint)
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
    wrong: list[Fault] = []
    for n in found:
        ends = tuple(last for _, last in n.ranges) if isinstance(n, Places) else ()
        index = (*n.index, *ends)
        backwards = isinstance(n, Places) and any(first > last for first, last in n.ranges)
        if index and (index not in places[n.name] or backwards):
            last = "".join(f"[{i}]" for i in next(reversed(places[n.name])))
            help_ = (
                f"the last one is `{n.name}{last}`"
                if last
                else f"there is one value of it, so write `{n.name}`"
            )
            wrong.append(
                Fault(
                    "OFC216",
                    f"`{to_text(n)}` is no place of `{n.name}`",
                    n.at,
                    "no such place",
                    help_,
                )
            )
    return tuple(wrong)


def _too_many(written: Expression) -> Fault:
    return Fault(
        "OFC212",
        f"with `{to_text(written)}` more than {MAX_CONSTRAINTS} constraints hold between places",
        written.at,
        "too many places",
        "lower the upper bound of what counts the arrays",
    )


def _too_large(written: Expression) -> Fault:
    return Fault(
        "OFC224",
        f"`{to_text(written)}` grows too large when it is written out",
        written.at,
        "too much of computed values, or of places",
        "compute less of other computed values, or sum up fewer places",
    )


def _instances(constraint: Expression, layout: Layout) -> tuple[Expression, ...]:
    """The constraint once for each place of the deepest array that it reads."""
    open_ = {n.name for n in open_names(constraint) if not n.index}
    depths = {name: layout.depth(name) for name in open_}
    deepest = max(sorted(open_), key=depths.__getitem__, default=None)
    if deepest is None:
        return (put_in_place(constraint, (), layout),)
    indices = [
        index
        for index in layout.places[deepest]
        if all(index[: depths[n]] in layout.places[n] for n in open_)
    ]
    if indices:
        bound_reading(put_in_place(constraint, indices[0], layout), len(indices))
    return tuple(put_in_place(constraint, index, layout) for index in indices)
