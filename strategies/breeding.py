"""Children of two points and changes of one, on typed axes of which some are inactive.

    a family, and what only it has, come from one parent or from the other; where one parent has a
    coordinate and the other has not, its value is kept, since the child may come to need it

Deb & Agrawal (1995), Simulated binary crossover for continuous search space; Deb & Goyal (1996), A
combined genetic adaptive search (polynomial mutation). Both spread over a number's own scale, and
wider than with the usual indices of 15 and 20, which are for budgets a hundred times as large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random as Generator

from .points.encoding import Axis, Key, Labels
from .points.moves import moved_place

SPREAD = 5.0
"""How close to its parents a number comes to stand: the distribution index of the crossover."""

NEARNESS = 5.0
"""How close to its old place a changed number stays: the distribution index of the mutation."""


def crossed(axes: Sequence[Axis], one: Key, other: Key, generator: Generator) -> Key:
    """A child of two points: each place from either, numbers also between and beyond them."""
    return tuple(
        _between(axis, mine, its, generator)
        for axis, mine, its in zip(axes, one, other, strict=True)
    )


def mutated(
    axes: Sequence[Axis], places: Sequence[float], active: Sequence[int], generator: Generator
) -> list[float]:
    """The places with one of the active ones changed on average, and at least one.

    Args:
        axes: of the space.
        places: in the unit cube.
        active: which coordinates take part; what does not take part needs no change.
        generator: of the changes.
    """
    movable = [at for at in active if axes[at].count != 1]
    changed = list(places)
    if not movable:
        return changed
    chosen = [at for at in movable if generator.random() * len(movable) < 1.0]
    for at in chosen or [generator.choice(movable)]:
        changed[at] = _changed(axes[at], places[at], generator)
    return changed


def _between(
    axis: Axis, mine: float | None, its: float | None, generator: Generator
) -> float | None:
    if mine is None or its is None:
        return its if mine is None else mine
    first, second = (mine, its) if generator.random() < 0.5 else (its, mine)
    if isinstance(axis, Labels) or generator.random() < 0.5:
        return first
    draw = max(generator.random(), 1e-12)
    inside = draw <= 0.5
    power = 1.0 / (SPREAD + 1.0)
    share = math.pow(2.0 * draw if inside else 0.5 / max(1.0 - draw, 1e-12), power)
    middle, half = (first + second) / 2.0, (first - second) / 2.0
    return min(max(middle + share * half, 0.0), 1.0)


def _changed(axis: Axis, place: float, generator: Generator) -> float:
    if isinstance(axis, Labels) or (axis.count or 1000) <= 16:
        return moved_place(axis, place, generator, 0.2)
    draw, power = generator.random(), 1.0 / (NEARNESS + 1.0)
    if draw < 0.5:
        moved = place * math.pow(2.0 * draw, power)
    else:
        moved = 1.0 - (1.0 - place) * math.pow(2.0 * (1.0 - draw), power)
    if axis.count is not None and axis.decode(moved) == axis.decode(place):
        return moved_place(axis, place, generator, 0.05)
    return moved
