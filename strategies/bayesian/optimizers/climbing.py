"""Uphill along the numbers of a row, all starts at once, by L-BFGS-B."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from botorch.optim.batched_lbfgs_b import fmin_l_bfgs_b_batched
from torch import Tensor

from omniforce.spec.space import Assignment, is_feasible

from ..parts import Field, Score
from ..rows import ABSENT
from .race import Race

HALVINGS = 10
NEVER = -1e10
"""Stands for a score that is minus infinity, which has no slope."""


def climb(race: Race, score: Score, field: Field, starts: int, steps: int) -> int:
    """Enters what the best points of a race lead to, uphill; says how many were new.

    Args:
        race: where to start from, and where the ends are entered.
        score: what is climbed.
        field: of the points.
        starts: so many of the best points that are not close to one another.
        steps: so many iterations at most.
    """
    columns = field.rows.continuous
    if not columns or not race.points:
        return 0
    chosen = _apart(race, starts)
    ends = climbed(score, race.rows[chosen], columns, steps)
    if ends is None:
        return 0
    found = (
        _feasible(field, start, end) for start, end in zip(race.rows[chosen], ends, strict=True)
    )
    return race.enter([point for point in found if point is not None])


def climbed(score: Score, rows: Tensor, columns: Sequence[int], steps: int) -> Tensor | None:
    """Where each row comes to by changing these columns only  # s x d -> s x d.

    Inactive places stay as they are. None where the score has no slope.
    """
    at = list(columns)
    active = rows[:, at] != ABSENT  # s x c

    def slopes(places: npt.NDArray[np.float64], which: Sequence[int]) -> tuple[Tensor, Tensor]:
        free = torch.from_numpy(np.ascontiguousarray(places)).requires_grad_()
        with torch.enable_grad():
            moved = rows[which].clone()
            moved[:, at] = torch.where(active[which], free, ABSENT)
            scores = score(moved)
            if not scores.requires_grad:
                return scores, torch.zeros_like(free)
            scores = torch.where(scores.isneginf(), NEVER, scores)
            (slope,) = torch.autograd.grad(
                scores.sum(), free, allow_unused=True, materialize_grads=True
            )
        return scores.detach(), slope

    def downhill(
        places: npt.NDArray[np.float64], batch_indices: Sequence[int]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        scores, slope = slopes(places, batch_indices)
        return -scores.numpy(), -slope.nan_to_num(0.0, 0.0, 0.0).numpy()

    begin = rows[:, at].clamp(0.0, 1.0).numpy()
    if not bool(slopes(begin, range(len(rows)))[1].any()):
        return None
    ends, _, _ = fmin_l_bfgs_b_batched(
        downhill, begin, [(0.0, 1.0)] * len(at), maxiter=steps, pass_batch_indices=True
    )
    moved = rows.clone()
    moved[:, at] = torch.where(active, torch.from_numpy(ends).clamp(0.0, 1.0), ABSENT)
    return moved


def _apart(race: Race, count: int) -> list[int]:
    """The best places, none close to a better one while there are others; in order of the race."""
    order = race.order(16 * count)
    close = 0.05 * race.rows.shape[1] ** 0.5
    distances = torch.cdist(race.rows[order], race.rows[order])
    chosen = list[int]()
    for at in range(len(order)):
        if len(chosen) < count and not bool((distances[at, chosen] < close).any()):
            chosen.append(at)
    rest = (at for at in range(len(order)) if at not in set(chosen))
    chosen += [at for _, at in zip(range(count - len(chosen)), rest, strict=False)]
    return [order[at] for at in chosen]


def _feasible(field: Field, start: Tensor, end: Tensor) -> Assignment | None:
    """The point at the end, or as far on the way there as the constraints allow."""
    space = field.study.sampler.space
    point: Assignment = field.rows.point(end)
    if is_feasible(space, point):
        return point
    low, high, found = 0.0, 1.0, None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        # Both ends are active in the same places.
        point = field.rows.point(start + middle * (end - start))
        if is_feasible(space, point):
            low, found = middle, point
        else:
            high = middle
    return found
