"""Which trials are better than others, for strategies that compare and do not model.

Requirements come first (Deb 2000, An efficient constraint handling method for genetic
algorithms): what keeps them beats what does not, and among the latter the smaller excess wins.
Several objectives are compared by fronts and crowding (Deb et al. 2002, NSGA-II).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from operator import le

from .protocol import Goal, Outcome, Reward

Figures = tuple[float, ...]
Standing = tuple[float, int, float]
"""Excess over the requirements, front from 0, minus the crowding distance; less is better."""


def is_told(goals: Sequence[Goal], reward: Reward) -> bool:
    """Whether a trial has a finite figure for each goal; a late result is one like any other."""
    return reward.outcome in (Outcome.COMPLETED, Outcome.TIMED_OUT) and all(
        math.isfinite(reward.metrics.get(goal.metric, math.nan)) for goal in goals
    )


def standings(goals: Sequence[Goal], rewards: Sequence[Reward]) -> list[Standing]:
    """How each trial stands among these, all of which are told."""
    wishes = [goal for goal in goals if goal.bound is None]
    excess = [_excess(goals, reward) for reward in rewards]
    costs = [tuple(_cost(goal, reward) for goal in wishes) for reward in rewards]
    kept = [at for at, over in enumerate(excess) if over == 0.0]
    found: list[Standing] = [(over, 0, 0.0) for over in excess]
    for front, members in enumerate(_fronts(costs, kept)):
        crowding = _crowding([costs[at] for at in members])
        for at, distance in zip(members, crowding, strict=True):
            found[at] = (0.0, front, -distance)
    return found


def best_first(goals: Sequence[Goal], rewards: Sequence[Reward]) -> list[Reward]:
    """The trials that are told, the best first; of equals the oldest."""
    told = [each for each in rewards if is_told(goals, each)]
    ranks = standings(goals, told)
    return [told[at] for at in sorted(range(len(told)), key=ranks.__getitem__)]


def _cost(goal: Goal, reward: Reward) -> float:
    value = reward.metrics[goal.metric]
    return -value if goal.direction == "maximize" else value


def _excess(goals: Sequence[Goal], reward: Reward) -> float:
    """By how much the bounds are broken, each as a share of itself."""
    over = 0.0
    for goal in goals:
        if goal.bound is not None:
            beyond = reward.metrics[goal.metric] - goal.bound
            beyond = beyond if goal.direction == "minimize" else -beyond
            over += max(0.0, beyond) / (abs(goal.bound) or 1.0)
    return over


def _fronts(costs: Sequence[Figures], members: Sequence[int]) -> list[list[int]]:
    """The members by front, the best first."""
    ordered = sorted(members, key=costs.__getitem__)
    if ordered and len(costs[0]) == 1:
        return [list(equals) for _, equals in groupby(ordered, key=costs.__getitem__)]
    fronts: list[list[int]] = []
    # Sorted so, nobody is dominated by one that comes later; and who is dominated within a front
    # is within all before it (Zhang et al. 2015, efficient nondominated sorting).
    for figures, equals in groupby(ordered, key=costs.__getitem__):

        def free(front: list[int], figures: Figures = figures) -> bool:
            if len(figures) == 2:  # who came last is the best in the second figure
                return costs[front[-1]][1] > figures[1]
            return not any(_dominates(costs[other], figures) for other in reversed(front))

        place = bisect_left(fronts, True, key=free)
        if place == len(fronts):
            fronts.append([])
        fronts[place] += equals
    return fronts


def _dominates(one: Figures, other: Figures) -> bool:
    """Whether one is at least as good in all; two that are equal are not compared here."""
    return all(map(le, one, other))


def _crowding(costs: Sequence[Figures]) -> list[float]:
    """How far apart the neighbours of each stand; the ends of a front are infinitely far."""
    distances = [0.0] * len(costs)
    for axis in range(len(costs[0])):
        order = sorted(range(len(costs)), key=lambda at: costs[at][axis])
        low, high = costs[order[0]][axis], costs[order[-1]][axis]
        distances[order[0]] = distances[order[-1]] = math.inf
        for before, at, after in zip(order, order[1:], order[2:], strict=False):
            # Halves, since what lies between two finite figures may not be finite.
            gap = costs[after][axis] / 2 - costs[before][axis] / 2
            distances[at] += gap / (high / 2 - low / 2) if gap > 0.0 else 0.0
    return distances
