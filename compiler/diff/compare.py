"""Two programs compared by what they mean: comments, order and short forms are no change."""

from __future__ import annotations

from ..ir.program import Program
from .blocks import block_changes
from .change import Change
from .devices import device_changes
from .goals import goal_changes
from .space import space_changes

__all__ = ["Change", "compare"]

ORDER = (
    "metadata",
    "spec.data",
    "spec.algorithm",
    "spec.searchSpace",
    "spec.constraints",
    "spec.objectives",
    "spec.search.",
    "spec.devices",
    "spec.deployment",
    "spec.platform",
)
"""Of the blocks, as a spec has them."""


def compare(before: Program, after: Program) -> tuple[Change, ...]:
    """Every difference with its meaning for finished trials, in the order of a spec.

    Args:
        before: complete, as the passes leave it; the trials were made under it.
        after: complete as well.
    """
    found = (
        *block_changes(before, after),
        *space_changes(before, after),
        *goal_changes(before, after),
        *device_changes(before, after),
    )
    return tuple(sorted(found, key=_place))


def _place(change: Change) -> int:
    found = (i for i, prefix in enumerate(ORDER) if change.path.startswith(prefix))
    return next(found, len(ORDER))
