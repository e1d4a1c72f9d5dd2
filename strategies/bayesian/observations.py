"""The trials as arrays: what was measured, what failed, what is still out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..protocol import Goal, Outcome, Reward

Array = npt.NDArray[np.float64]

MOST = 500
"""So many measured trials are learned from; the cost grows with their third power."""


@dataclass(frozen=True, slots=True)
class Observations:
    """What a model can learn from.

    Attributes:
        measured: the trials that have every metric, by their place in the rewards; of very many
            the best and the newest.
        failed: those that came to nothing: failed, timed out, or with a figure that is no number.
        pending: those that are still out.
        raw: per metric key, the figures of the measured trials  # n
    """

    measured: tuple[int, ...]
    failed: tuple[int, ...]
    pending: tuple[int, ...]
    raw: dict[str, Array]

    @classmethod
    def of(cls, rewards: Sequence[Reward], goals: Sequence[Goal]) -> Observations:
        """Sorts the trials; a timed-out one whose result came late counts as measured."""
        keys = tuple(dict.fromkeys(goal.metric for goal in goals))
        measured, failed, pending = list[int](), list[int](), list[int]()
        for place, reward in enumerate(rewards):
            if reward.outcome is Outcome.PENDING:
                pending.append(place)
            elif reward.outcome is not Outcome.FAILED and _is_whole(reward, keys):
                measured.append(place)
            else:
                failed.append(place)
        measured = _informative(measured, rewards, goals)
        failed = failed[-MOST // 2 :]
        raw = {
            key: np.array([rewards[place].metrics[key] for place in measured], dtype=np.float64)
            for key in keys
        }
        return cls(tuple(measured), tuple(failed), tuple(pending), raw)

    def feasible(self, goals: Sequence[Goal]) -> npt.NDArray[np.bool_]:
        """Which measured trials meet every requirement  # n."""
        meets = np.ones(len(self.measured), dtype=bool)
        for goal in goals:
            if goal.bound is not None:
                figures = self.raw[goal.metric]
                low = goal.direction == "minimize"
                meets &= figures <= goal.bound if low else figures >= goal.bound
        return meets


def _is_whole(reward: Reward, keys: Sequence[str]) -> bool:
    return all(key in reward.metrics and math.isfinite(reward.metrics[key]) for key in keys)


def _informative(
    measured: list[int], rewards: Sequence[Reward], goals: Sequence[Goal]
) -> list[int]:
    """At most `MOST` trials: the best by each objective, and for the rest the newest."""
    if len(measured) <= MOST:
        return measured
    kept = set[int]()
    objectives = [goal for goal in goals if goal.bound is None]
    for goal in objectives:
        sign = 1.0 if goal.direction == "minimize" else -1.0
        ranked = sorted(measured, key=lambda at: sign * rewards[at].metrics[goal.metric])
        kept.update(ranked[: MOST // (2 * len(objectives))])
    newest = [at for at in measured if at not in kept]
    return sorted(kept | set(newest[len(kept) - MOST :]))
