"""A permutation or a subset as the coordinates that it is searched as.

    order: permutation {a, b, c}    =>    order[0] in 0...2, order[1] in 0...1
    some: subset {a, b} size 1      =>    some[0] in 0...1, some[1] in 0...1, their sum 1

Lehmer (1960), Teaching combinatorial tricks to a computer: the k-th digit is the place of the k-th
value among those that are left, and so every point of the cube is an order.
"""

from __future__ import annotations

from ..expression.tree import Call, Compare, Expression, Literal_, Places
from ..resolving.meaning import Listing
from ..space import Coordinate, IntRange, Prior, Weights
from .declaration import Declaration

Index = tuple[int, ...]


def coordinates_of(
    declaration: Declaration,
    index: Index,
    conditions: tuple[Expression, ...],
    lengths: tuple[str, ...],
    shared: tuple[int, ...],
) -> list[Coordinate]:
    """The coordinates of one place of a parameter: several of a list, else one."""
    name, default = declaration.name, declaration.default
    match declaration.domain:
        case None:
            return []
        case Listing() as listing:
            return _digits(declaration, listing, index, conditions, lengths, shared)
        case domain:
            first = default if not isinstance(default, tuple) else None
            prior = declaration.prior
            called = declaration.called
            return [
                Coordinate(name, index, domain, conditions, first, lengths, prior, shared, called)
            ]


def _digits(
    declaration: Declaration,
    listing: Listing,
    index: Index,
    conditions: tuple[Expression, ...],
    lengths: tuple[str, ...],
    shared: tuple[int, ...],
) -> list[Coordinate]:
    count = len(listing.values)
    tops = range(count - 1, 0, -1) if listing.kind == "permutation" else (1,) * count
    defaults = declaration.default if isinstance(declaration.default, tuple) else None
    return [
        Coordinate(
            declaration.name,
            (*index, k),
            IntRange(0, top),
            conditions,
            None if defaults is None else defaults[k],
            (*lengths, str(len(tops))),
            _expected(declaration.size, count),
            shared,
            declaration.called,
        )
        for k, top in enumerate(tops)
    ]


def _expected(size: tuple[int, int] | None, count: int) -> Prior | None:
    """How likely a value is in a subset of some size, so that random ones mostly have it."""
    if size is None or size == (0, count):
        return None
    share = sum(size) / 2 / count
    return Weights((1.0 - share, share))


def size_constraints(declaration: Declaration, index: Index) -> list[Expression]:
    """What holds a subset to its size."""
    listing, size = declaration.domain, declaration.size
    if not isinstance(listing, Listing) or size is None:
        return []
    count = len(listing.values)
    total = Call("sum", (Places(declaration.name, index, ((0, count - 1),)),))
    low, high = size
    if low == high:
        return [Compare("==", total, Literal_(low))]
    least = [Compare(">=", total, Literal_(low))] if low > 0 else []
    most = [Compare("<=", total, Literal_(high))] if high < count else []
    return [*least, *most]
