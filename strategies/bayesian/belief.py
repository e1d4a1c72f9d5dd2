"""What the trials let one believe: a surrogate per metric, and one of whether a trial succeeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from botorch.utils.multi_objective.pareto import is_non_dominated
from torch import Tensor

from omniforce.spec.space import Assignment

from ..knowledge import Knowledge
from ..protocol import Goal
from .fallbacks import NUMERIC, Fallbacks
from .observations import Observations
from .parts import Fitted, Surrogate, Training
from .requirements import Limit, log_chance
from .rows import Rows
from .surrogates.gaussian_process.surrogate import GaussianProcess
from .warp import Warp

ELITE = 12

MANY_OBJECTIVES = 7
"""From here on a volume under the front costs more than it tells."""

Lies = Callable[[Tensor, Tensor], Tensor]
"""Figures to believe of trials that are out, by what is expected of them (p x m) and what was seen
(n x m)  # p x m."""


@dataclass(frozen=True, slots=True)
class Belief:
    """Everything that scores a candidate.

    Attributes:
        rows: how points become rows.
        objectives: one surrogate per objective, larger is better; of many objectives, one of a mix.
        values: what they learned from  # n x m
        warps: of the objectives' metrics.
        references: of the objectives, in their own units; None where the spec says none.
        limits: one per requirement.
        success: of whether a trial comes through; None where none has failed.
        seconds: of the logarithm of how long a trial takes; None where that is not known.
        baseline: the rows that meet every requirement  # n x d
        pending: the rows that are still out  # p x d
        elite: points worth perturbing.
        left: the share of the budget that is left, from 1 down to 0.
    """

    rows: Rows
    objectives: tuple[Fitted, ...]
    values: Tensor
    warps: tuple[Warp, ...]
    references: tuple[float | None, ...]
    limits: tuple[Limit, ...]
    success: Fitted | None
    seconds: Fitted | None
    baseline: Tensor
    pending: Tensor
    elite: tuple[Assignment, ...]
    left: float

    def believing(self, pending: Tensor, lies: Lies) -> Belief:
        """The same as if trials that are out had come to what the lies say of them  # p x d."""
        if not len(pending):
            return self
        expected = torch.stack([each.moments(pending)[0] for each in self.objectives], dim=-1)
        told = lies(expected, self.values).unbind(-1)
        objectives = (
            each.believing(pending, values)
            for each, values in zip(self.objectives, told, strict=True)
        )
        # A pending point that will not do raises no bar.
        likely = log_chance(pending, self.limits, self.success) > math.log(0.5)
        baseline = torch.cat([self.baseline, pending[likely]])
        return replace(self, objectives=tuple(objectives), baseline=baseline)


@dataclass(frozen=True, slots=True)
class _Learner:
    """Fits one figure after another by the same surrogate."""

    study: Knowledge
    rows: Rows
    surrogate: Surrogate
    fallbacks: Fallbacks

    def learn(
        self,
        goal: Goal | None,
        places: tuple[int, ...],
        y: Tensor,
        figures: npt.NDArray[np.float64],
        purpose: str,
        warped: Callable[[npt.NDArray[np.float64]], Tensor] | None = None,
    ) -> Fitted:
        x = self.rows.of(self.study.rewards[place].point for place in places)
        training = Training(
            self.study, self.rows, goal, places, x, y, figures, purpose, self.fallbacks, warped
        )
        try:
            return self.surrogate.fit(training)
        except NUMERIC as error:
            self.fallbacks.tell(f"the fit of {purpose}", "a Gaussian process", error)
            return GaussianProcess().fit(training)


def believe(
    study: Knowledge,
    surrogate: Surrogate,
    fallbacks: Fallbacks,
    *,
    timed: bool = False,
    several: bool = True,
) -> Belief:
    """Fits all surrogates. At least one trial must have been measured.

    Args:
        study: what there is to learn from.
        surrogate: how.
        fallbacks: counts what had to be replaced.
        timed: whether how long trials take is learned as well.
        several: whether each objective is learned by itself, rather than a mix of them.
    """
    goals = study.problem.goals
    seen, rows = Observations.of(study.rewards, goals), Rows(study.sampler.encoding)
    learner = _Learner(study, rows, surrogate, fallbacks)
    first = {goal.metric: goal for goal in reversed(goals)}
    warps = {key: _warp(key, figures, goals) for key, figures in seen.raw.items()}
    scaled = {key: torch.from_numpy(warps[key].forward(seen.raw[key])) for key in warps}

    wishes = tuple(goal for goal in goals if goal.bound is None)
    bounded = tuple(goal for goal in goals if goal.bound is not None)
    values = torch.stack([scaled[goal.metric] for goal in wishes], dim=-1)  # n x m
    mixed = len(wishes) >= (MANY_OBJECTIVES if several else 2)
    wanted = {goal.metric for goal in (bounded if mixed else goals)}
    fitted = {
        key: learner.learn(
            first[key],
            seen.measured,
            scaled[key],
            seen.raw[key],
            f"`{key}`",
            partial(_warped, key, goals),
        )
        for key in seen.raw
        if key in wanted
    }
    own: tuple[Fitted, ...]
    if mixed:
        values = scalarised(values, study).unsqueeze(-1)
        one = values.squeeze(-1)
        own = (learner.learn(None, seen.measured, one, one.numpy(), "a mix of objectives"),)
    else:
        own = tuple(fitted[goal.metric] for goal in wishes)
    feasible = torch.from_numpy(seen.feasible(goals))
    limits = tuple(
        _limit(goal, goal.bound or 0.0, warps[goal.metric], fitted[goal.metric]) for goal in bounded
    )
    points = [study.rewards[place].point for place in seen.measured]
    x = rows.of(points)
    return Belief(
        rows,
        own,
        values,
        tuple(warps[goal.metric] for goal in wishes),
        tuple(goal.reference for goal in wishes),
        limits,
        _success(learner, seen),
        _seconds(learner, seen) if timed else None,
        x[feasible],
        rows.of(study.rewards[place].point for place in seen.pending),
        _elite(points, values, feasible, limits, x),
        max(1.0 - len(study.rewards) / max(study.problem.budget, 1), 0.0),
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


def _warp(metric: str, figures: npt.NDArray[np.float64], goals: tuple[Goal, ...]) -> Warp:
    of_metric = [goal for goal in goals if goal.metric == metric]
    bounds = [goal.bound for goal in of_metric if goal.bound is not None]
    # Among several objectives the bad tail of one is where the best of another may lie.
    alone = sum(goal.bound is None for goal in goals) == 1
    may_log = all(bound > 0.0 for bound in bounds)
    return Warp.fit(figures, of_metric[0].direction, may_log=may_log, squash=alone)


def _warped(metric: str, goals: tuple[Goal, ...], figures: npt.NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(_warp(metric, figures, goals).forward(figures))


def _limit(goal: Goal, bound: float, warp: Warp, fitted: Fitted) -> Limit:
    # A warp turns the scale where small figures are better; the safe side turns with it.
    above = (goal.direction == "maximize") == (warp.sign > 0)
    return Limit(fitted, float(warp.forward(np.array([bound]))[0]), 1.0 if above else -1.0)


def _success(learner: _Learner, seen: Observations) -> Fitted | None:
    if not seen.failed:
        return None
    # 1 for success, 0 for failure: the mean of a process over these is a chance.
    labels = np.array([1.0] * len(seen.measured) + [0.0] * len(seen.failed))
    places = (*seen.measured, *seen.failed)
    return learner.learn(None, places, torch.from_numpy(labels), labels, "success")


def _seconds(learner: _Learner, seen: Observations) -> Fitted | None:
    """The logarithms of how long trials took, as they are: a cost is a ratio."""
    rewards = learner.study.rewards
    timed = tuple(place for place in seen.measured if (rewards[place].seconds or 0.0) > 0.0)
    if len(timed) < 2:
        return None
    took = np.log([rewards[place].seconds or 1.0 for place in timed])
    return learner.learn(None, timed, torch.from_numpy(took), took, "seconds")


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
            [limit.sign * (limit.fitted.moments(x)[0] - limit.bound) for limit in limits]
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
