"""What the trials let one believe: a process per metric, and one of whether a trial succeeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from botorch.utils.multi_objective.pareto import is_non_dominated
from torch import Tensor

from omniforce.spec.space import Assignment

from ..knowledge import Knowledge
from ..protocol import Goal
from .acquisition import Limit
from .fallbacks import NUMERIC, Fallbacks
from .features import Features
from .observations import Observations
from .process import Process
from .surrogate import fit, unfitted
from .warp import Warp

ELITE = 12

MANY_OBJECTIVES = 7
"""From here on a volume under the front costs more than it tells."""


@dataclass(frozen=True, slots=True)
class Belief:
    """Everything that scores a candidate.

    Attributes:
        features: how points become rows.
        objectives: one process per objective, larger is better; of many objectives, one of a mix.
        warps: of the objectives' metrics.
        references: of the objectives, in their own units; None where the spec says none.
        limits: one per requirement.
        success: of whether a trial comes through; None where none has failed.
        baseline: the rows that meet every requirement  # n x d
        pending: the rows that are still out  # p x d
        elite: points worth perturbing.
    """

    features: Features
    objectives: tuple[Process, ...]
    warps: tuple[Warp, ...]
    references: tuple[float | None, ...]
    limits: tuple[Limit, ...]
    success: Process | None
    baseline: Tensor
    pending: Tensor
    elite: tuple[Assignment, ...]


def believe(study: Knowledge, fallbacks: Fallbacks) -> Belief:
    """Fits all processes. At least one trial must have been measured."""
    goals, rewards = study.problem.goals, study.rewards
    features = Features.of(study.sampler.encoding)
    seen = Observations.of(rewards, goals)
    points = [rewards[place].point for place in seen.measured]
    x = features.rows(points)
    warps = {key: _warp(key, figures, goals) for key, figures in seen.raw.items()}
    scaled = {key: torch.from_numpy(warps[key].forward(seen.raw[key])) for key in warps}
    processes = {
        key: _process(x, y, features, fallbacks, f"the fit of `{key}`") for key, y in scaled.items()
    }
    wishes = tuple(goal for goal in goals if goal.bound is None)
    objectives = tuple(goal.metric for goal in wishes)
    values = torch.stack([scaled[key] for key in objectives], dim=-1)  # n x m
    own = tuple(processes[key] for key in objectives)
    if len(objectives) >= MANY_OBJECTIVES:
        own = (_process(x, scalarised(values, study), features, fallbacks, "the fit of a mix"),)
    feasible = torch.from_numpy(seen.feasible(goals))
    limits = tuple(
        _limit(goal, goal.bound, warps[goal.metric], processes[goal.metric])
        for goal in goals
        if goal.bound is not None
    )
    return Belief(
        features,
        own,
        tuple(warps[key] for key in objectives),
        tuple(goal.reference for goal in wishes),
        limits,
        _success(study, seen, x, features, fallbacks),
        x[feasible],
        features.rows(rewards[place].point for place in seen.pending),
        _elite(points, values, feasible, limits, x),
    )


def scalarised(values: Tensor, study: Knowledge) -> Tensor:
    """One figure a trial, by the augmented Chebyshev norm with weights of this suggestion  # n.

    Knowles (2006), ParEGO: a hybrid algorithm with on-line landscape approximation for expensive
    multiobjective optimization problems. Other weights lead to other points of the front.

    Args:
        values: standardised, larger is better  # n x m
        study: seeds the weights.
    """
    generator = study.generator(study.next_trial, "weights")
    drawn = values.new_tensor([generator.expovariate(1.0) for _ in range(values.shape[1])])
    weighed = (values - values.amax(0)) * drawn / drawn.sum()
    mixed: Tensor = weighed.amin(-1) + 0.05 * weighed.sum(-1)
    return (mixed - mixed.mean()) / mixed.std(correction=0).clamp_min(1e-12)


def _warp(
    metric: str, figures: np.ndarray[tuple[int], np.dtype[np.float64]], goals: tuple[Goal, ...]
) -> Warp:
    of_metric = [goal for goal in goals if goal.metric == metric]
    bounds = [goal.bound for goal in of_metric if goal.bound is not None]
    # Among several objectives the bad tail of one is where the best of another may lie.
    alone = sum(goal.bound is None for goal in goals) == 1
    may_log = all(bound > 0.0 for bound in bounds)
    return Warp.fit(figures, of_metric[0].direction, may_log=may_log, squash=alone)


def _limit(goal: Goal, bound: float, warp: Warp, process: Process) -> Limit:
    # A warp turns the scale where small figures are better; the safe side turns with it.
    above = (goal.direction == "maximize") == (warp.sign > 0)
    return Limit(process, float(warp.forward(np.array([bound]))[0]), 1.0 if above else -1.0)


def _process(x: Tensor, y: Tensor, features: Features, fallbacks: Fallbacks, what: str) -> Process:
    try:
        return fit(x, y, features)
    except NUMERIC as error:
        fallbacks.tell(what, "the prior's own parameters", error)
        return unfitted(x, y, features)


def _success(
    study: Knowledge, seen: Observations, x: Tensor, features: Features, fallbacks: Fallbacks
) -> Process | None:
    if not seen.failed:
        return None
    lost = features.rows(study.rewards[place].point for place in seen.failed)
    # 1 for success, 0 for failure: the mean of a process over these is a chance.
    labels = torch.cat([torch.ones(len(x)), torch.zeros(len(lost))]).to(x)
    return _process(torch.cat([x, lost]), labels, features, fallbacks, "the fit of success")


def _elite(
    points: list[Assignment],
    values: Tensor,
    feasible: Tensor,
    limits: tuple[Limit, ...],
    x: Tensor,
) -> tuple[Assignment, ...]:
    """The front, then the best by each objective in turn; the least unsafe where none is safe."""
    if not feasible.any():
        margins = torch.stack(
            [limit.sign * (limit.process.moments(x)[0] - limit.bound) for limit in limits]
        )
        order = margins.clamp_max(0.0).sum(0).argsort(dim=0, descending=True, stable=True)
        return tuple(points[at] for at in order[:ELITE].tolist())
    places = feasible.nonzero().flatten()
    kept = values[places]
    front = places[is_non_dominated(kept)]
    spread = front[torch.linspace(0, len(front) - 1, min(len(front), ELITE)).long()]
    ranks = kept.argsort(dim=0, descending=True, stable=True)
    chosen = [*spread.tolist(), *places[ranks.flatten()].tolist()]
    return tuple(points[at] for at in list(dict.fromkeys(chosen))[:ELITE])
