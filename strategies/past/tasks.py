"""Past studies in the terms of the present one: places on its axes, standings by its goals.

    past   {lr: 0.1, wd: 0, old: 3} -> accuracy 0.9       the present space: lr, wd, new
    here   (0.83, 0.0, unknown)     -> standing 0.97      among the trials of that study

Figures of two studies cannot be compared, since their data differ: a trial's standing among those
of its own study can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from omniforce.spec.space import Space

from ..points.encoding import Key
from ..protocol import Goal, Outcome, Past, Problem, Reward
from ..ranking import is_told, standings
from .overlap import place, shared

MOST_STUDIES = 20
"""So many are learned from, the closest ones."""

MOST_TRIALS = 200
"""So many of each: the best, and others spread over the study."""


@dataclass(frozen=True, slots=True)
class Task:
    """One past study.

    Attributes:
        study: its name.
        known: the coordinates of the present space that it searched, by their place.
        keys: a trial's place on each axis; None where it was inactive or not searched.
        standings: of each trial among these, from 0, the worst, to 1.
        rewards: the trials themselves, in the same order; all have a finite figure for `goals`.
        goals: those of the present ones that its trials have a figure for.
    """

    study: str
    known: tuple[int, ...]
    keys: tuple[Key, ...]
    standings: tuple[float, ...]
    rewards: tuple[Reward, ...] = field(repr=False)
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A problem, compared by a digest of what its past studies are and what is asked of them."""

    digest: str
    problem: Problem = field(compare=False, repr=False)

    @classmethod
    def of(cls, problem: Problem) -> Question:
        """The question that a problem puts to its past."""
        told = repr((problem.space, problem.goals, problem.budget, problem.past)).encode()
        return cls(hashlib.sha256(told).hexdigest(), problem)


def tasks_of(problem: Problem) -> tuple[Task, ...]:
    """The past studies of use, the closest first; those that share nothing are left out."""
    return _tasks(Question.of(problem)) if problem.past else ()


@lru_cache(maxsize=4)
def _tasks(question: Question) -> tuple[Task, ...]:
    problem = question.problem
    found = (_task(problem.space, problem.goals, past) for past in problem.past[:MOST_STUDIES])
    return tuple(task for task in found if task is not None)


def shared_goals(goals: Sequence[Goal], past: Sequence[Goal]) -> tuple[Goal, ...]:
    """Those of the present goals whose metric a past study pushed the same way, or bounded."""
    before = {(goal.metric, goal.direction) for goal in past}
    return tuple(goal for goal in goals if (goal.metric, goal.direction) in before)


def informative(
    goals: Sequence[Goal], rewards: Sequence[Reward], most: int = MOST_TRIALS
) -> tuple[Reward, ...]:
    """At most so many trials that have figures: the better half is the best, the rest is spread.

    In order of their number. Failed trials are left out: why a trial failed elsewhere is rarely
    why it would here.
    """
    told = [reward for reward in rewards if _has_figures(goals, reward)]
    if len(told) <= most:
        return tuple(told)
    order = _order(goals, told)
    best, rest = order[: most // 2], sorted(order[most // 2 :])
    step = len(rest) / (most - len(best))
    spread = [rest[int(k * step)] for k in range(most - len(best))]
    return tuple(told[at] for at in sorted([*best, *spread]))


def _task(space: Space, goals: tuple[Goal, ...], past: Past) -> Task | None:
    known = shared(space, past.space)
    common = shared_goals(goals, past.goals)
    if not known or all(goal.bound is not None for goal in common):
        return None
    mapped = [
        (key, reward)
        for reward in past.rewards
        if _has_figures(common, reward) and (key := _key(space, known, past, reward)) is not None
    ]
    keys = {id(reward): key for key, reward in mapped}
    kept = informative(common, [reward for _, reward in mapped])
    if len(kept) < 2:
        return None
    # With equal standings for what is equal, so that a constant study says nothing.
    order = _standing(common, kept)
    if len(set(order)) < 2:
        return None
    return Task(past.study, known, tuple(keys[id(each)] for each in kept), order, kept, common)


def _key(space: Space, known: Sequence[int], past: Past, reward: Reward) -> Key | None:
    """None where a value lies outside of the present space."""
    key: list[float | None] = [None] * len(space)
    for at in known:
        coordinate = space.coordinates[at]
        if coordinate.id in reward.point:
            found = place(coordinate.domain, reward.point[coordinate.id])
            if found is None:
                return None
            key[at] = found
    return tuple(key)


def _has_figures(goals: Sequence[Goal], reward: Reward) -> bool:
    return reward.outcome is Outcome.COMPLETED and is_told(goals, reward)


def _order(goals: Sequence[Goal], rewards: Sequence[Reward]) -> list[int]:
    """The best first; of equal ones the earlier."""
    found = _fronts(goals, rewards)
    return sorted(range(len(rewards)), key=lambda at: (found[at], at))


def _standing(goals: Sequence[Goal], rewards: Sequence[Reward]) -> tuple[float, ...]:
    found = _fronts(goals, rewards)
    ranks = {value: at for at, value in enumerate(sorted(set(found), reverse=True))}
    last = max(len(ranks) - 1, 1)
    return tuple(ranks[value] / last for value in found)


def _fronts(goals: Sequence[Goal], rewards: Sequence[Reward]) -> list[tuple[float, int]]:
    """Excess over the requirements and front: what is equal stands equal."""
    return [(excess, front) for excess, front, _ in standings(goals, rewards)]
