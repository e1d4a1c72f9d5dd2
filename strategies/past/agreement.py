"""Whether the trials at hand bear out what past studies say of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ..points.encoding import Encoding
from ..protocol import Problem, Reward
from ..ranking import is_told, standings
from .portfolio import expected_standings
from .tasks import tasks_of

LEAST = 4
"""Fewer trials say nothing of a past."""

ENOUGH = 0.5
"""A rank correlation (Kendall's) from which on a past helps."""


def is_borne_out(problem: Problem, rewards: Sequence[Reward]) -> bool:
    """Whether the trials are ranked much as past studies would have ranked them, on average."""
    tasks = tasks_of(problem)
    told = [reward for reward in rewards if is_told(problem.goals, reward)]
    if not tasks or len(told) < LEAST:
        return False
    encoding = Encoding.of(problem.space)
    keys = [encoding.key(reward.point) for reward in told]
    expected = expected_standings(encoding.axes, tasks, keys).mean(axis=0)
    found = standings(problem.goals, told)
    signs = [
        _sign(found[other] > found[one], found[other] < found[one])
        * _sign(bool(expected[one] > expected[other]), bool(expected[one] < expected[other]))
        for one, other in combinations(range(len(told)), 2)
    ]
    return sum(signs) >= ENOUGH * len(signs)


def _sign(more: bool, less: bool) -> int:
    return int(more) - int(less)
