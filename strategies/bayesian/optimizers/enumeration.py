"""Every feasible point of a small finite space, as rows that are made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

import torch
from torch import Tensor

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import is_active, violated

from ...points.encoding import Key, places
from ...points.sampling import Sampler
from ..rows import ABSENT

MOST = 20_000
"""Spaces of more feasible points are not enumerated."""

STEPS = 200_000
"""So many values are tried at most: few feasible points are not looked for in a vast space."""

DEEPEST = 400
"""Coordinates, each of which is a level of the search for what is feasible."""

CHUNK = 4096
"""So many rows are scored at once, which bounds the memory."""


class TooMany(Exception):  # noqa: N818
    """The space has too many points to look at each."""


@dataclass(frozen=True, slots=True, eq=False)
class Enumeration:
    """All points, in an order in which each chunk spreads over the whole space.

    Attributes:
        keys: of the points  # n
        chunks: their rows, in the same order; the same tensors at every call, so that a surrogate
            may keep what it computes of them  # CHUNK x d each, the last one shorter
        place: of a point in that order, by its key.
    """

    keys: tuple[Key, ...]
    chunks: tuple[Tensor, ...]
    place: Mapping[Key, int]


def enumerated(sampler: Sampler) -> Enumeration | None:
    """The points of a sampler's space; None where there are too many, or none."""
    if any(axis.count is None for axis in sampler.encoding.axes):
        return None
    return _enumerated(_Written(sampler, repr(sampler.space)))


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """A sampler that is compared by how its space is written: Python holds `True == 1`."""

    sampler: Sampler
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Written) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=4)
def _enumerated(written: _Written) -> Enumeration | None:
    try:
        listed = _keys(written.sampler)
    except TooMany:
        return None
    if not listed:
        return None
    count = -(-len(listed) // CHUNK)
    keys = [key for at in range(count) for key in listed[at::count]]
    rows = [[ABSENT if place is None else place for place in key] for key in keys]
    whole = torch.tensor(rows, dtype=torch.float64).reshape(len(rows), len(keys[0]))
    place = {key: at for at, key in enumerate(keys)}
    return Enumeration(tuple(keys), torch.split(whole, CHUNK), place)


def _keys(sampler: Sampler) -> list[Key]:
    """The keys of all feasible points.

    Raises:
        TooMany: more than `MOST`, or not found within `STEPS`.
    """
    space, axes = sampler.space, sampler.encoding.axes
    plain = not space.constraints and not any(each.conditions for each in space)
    if plain and prod(axis.count or 1 for axis in axes) > MOST:
        raise TooMany
    if len(axes) > DEEPEST or any((axis.count or 1) > MOST for axis in axes):
        raise TooMany
    listed = [tuple(places(axis)) for axis in axes]
    if plain:
        return list(product(*listed))
    found, steps = list[Key](), 0

    def extend(key: Key, point: dict[str, Value]) -> None:
        nonlocal steps
        at = len(key)
        if at == len(axes):
            found.append(key)
            return
        coordinate = space.coordinates[at]
        for place in listed[at] if is_active(coordinate, point) else (None,):
            steps += 1
            if steps > STEPS or len(found) > MOST:
                raise TooMany
            values = {} if place is None else {coordinate.id: axes[at].decode(place)}
            if not _broken(sampler, at, point | values):
                extend((*key, place), point | values)

    extend((), {})
    return found


def _broken(sampler: Sampler, at: int, point: dict[str, Value]) -> bool:
    """Whether a constraint is broken already, once coordinate `at` has its value."""
    if any(violated(sampler.search.single[each], point) for each in sampler.search.decided[at]):
        return True
    return sampler.search.early.broken(at, point) is not None
