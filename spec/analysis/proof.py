"""Whether constraints can hold together, and if not, which few of them already cannot.

Branch and prune over boxes (Van Hentenryck, Michel & Deville 1997, Numerica): a box in which a
constraint cannot hold is thrown away, a point that keeps all ends the search, and everything
else is cut in two, up to a limit. The conflicting set is shrunk by leaving out one after another
(the deletion filter of Chinneck & Dravnieks 1991), so that each of what remains is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

from ..expression.evaluate import names
from ..expression.tree import Expression
from ..frozen import dataclass
from ..space import Coordinate, Space, is_feasible
from .boxes import Box
from .draw import draw
from .possible import NO, YES

Verdict = Literal["possible", "impossible", "unknown"]

EFFORT = 6_000
"""Constraints judged before a proof is given up: about a quarter of a second."""

TRIES = 64


@dataclass(slots=True)
class Purse:
    """What a proof may still spend; several proofs may share one."""

    left: int = EFFORT

    def spend(self, cost: int) -> bool:
        """Whether it could be paid."""
        self.left -= cost
        return self.left >= 0


def prove(
    coordinates: Sequence[Coordinate],
    constraints: Sequence[Expression],
    purse: Purse | None = None,
) -> Verdict:
    """Whether some point keeps all `constraints`.

    Args:
        coordinates: in their order.
        constraints: over their ids.
        purse: the effort that it may take.
    """
    if not constraints:
        return "possible"
    needed = _needed(coordinates, constraints)
    space = Space(needed, tuple(constraints))
    generator = Random(0)  # noqa: S311 - any points will do
    if any(is_feasible(space, draw(space, generator)) for _ in range(TRIES)):
        return "possible"
    purse = purse or Purse()
    cost = {c: 1 + len(names(c)) // 8 for c in constraints}
    open_ = [(Box.whole(needed), tuple(constraints))]
    unknown = False
    while open_:
        box, left = open_.pop()
        if not purse.spend(sum(cost[c] for c in left)):
            return "unknown"
        judged = [(c, box.keeps(c)) for c in left]
        if any(found == NO for _, found in judged):
            continue
        left = tuple(c for c, found in judged if found != YES)
        if not left or any(is_feasible(space, point) for point in box.points()):
            return "possible"
        halves = box.halves(left)
        # a single point has just been tried; a sliver of a continuum may hold others
        unknown = unknown or (not halves and box.has_continuum(left))
        open_ += [(half, left) for half in reversed(halves)]
    return "unknown" if unknown else "impossible"


def conflict(
    coordinates: Sequence[Coordinate], groups: Sequence[Sequence[Expression]]
) -> tuple[int, ...]:
    """The positions of few groups of constraints that cannot hold together; empty for none found.

    Each group is what one written constraint comes to, place by place. Where the proofs come to
    an end, none of the groups can be left out.
    """
    every = [c for group in groups for c in group]
    if prove(coordinates, every) != "impossible":
        return ()
    purse = Purse(4 * EFFORT)
    for at, group in enumerate(groups):
        if not purse.spend(len(group)):
            break
        if prove(coordinates, group, purse) == "impossible":
            return (at,)
    kept = list(range(len(groups)))
    for at in range(len(groups)):
        fewer = [k for k in kept if k != at]
        some = [c for k in fewer for c in groups[k]]
        if not purse.spend(len(some)):
            break
        if prove(coordinates, some, purse) == "impossible":
            kept = fewer
    return tuple(kept)


def redundant(coordinates: Sequence[Coordinate], group: Sequence[Expression]) -> bool:
    """Whether every constraint of a group holds all over the space, as far as bounds can tell."""
    box = Box.whole(_needed(coordinates, group))
    return all(box.keeps(each) == YES for each in group)


def never_active(coordinate: Coordinate, space: Space) -> bool:
    """Whether a coordinate's conditions cannot all hold, the constraints apart."""
    if len(coordinate.conditions) < 2:
        return False  # a single one that cannot hold was refused when it was read
    # as `prove`, for conditions, which do not hold where they read what is inactive
    effort = EFFORT // 3
    open_ = [Box.whole((*_needed(space.coordinates, coordinate.conditions), coordinate))]
    while open_:
        box = open_.pop()
        effort -= 1
        found = box.active[coordinate.id]
        if found == NO:
            continue
        if found == YES or effort < 0:
            return False
        halves = box.halves(coordinate.conditions)
        if not halves:
            return False
        open_ += halves
    return True


def _needed(
    coordinates: Sequence[Coordinate], constraints: Sequence[Expression]
) -> tuple[Coordinate, ...]:
    """The coordinates that the constraints read, and those that decide whether they take part."""
    ids = [c.id for c in coordinates]
    by_id = dict(zip(ids, coordinates, strict=True))
    open_ = [n.id for c in constraints for n in names(c)]
    found: set[str] = set()
    while open_:
        each = open_.pop()
        if each not in found:
            found.add(each)
            open_ += [n.id for c in by_id[each].conditions for n in names(c)]
    return tuple(c for id_, c in zip(ids, coordinates, strict=True) if id_ in found)
