"""Early stopping: where a report is committed the rule is asked, and its answer is the trial's.

One place for all that run trials: `ofc run` here and on Ray hears figures in `local/search`, a Job
in `trial/curves`. Whoever commits figures asks; what is decided is in the store, as if a person had
asked for an early end, and reaches the trial by the same ways. Its last figures are its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from omniforce.compiler.ir.program import Search
from omniforce.spec.expression.tree import Objective
from omniforce.strategies.stopping.protocol import Curve
from omniforce.strategies.stopping.table import rule_of

from .store.store import Store
from .store.trial import Point

MOST = 500
"""Completed trials that others are held against: the latest."""

ACTOR = "early-stopping"


def judged(search: Search) -> Objective | None:
    """The objective by whose figure trials are judged: the first that no device measures."""
    wishes = (goal for goal in search.goals if isinstance(goal, Objective))
    return next((goal for goal in wishes if goal.metric.device is None), None)


@dataclass(slots=True)
class EarlyStopping:
    """Listens to the trials of one study, and says which are to end.

    Attributes:
        search: of the study as it is now.
    """

    store: Store
    study: str
    search: Search
    _over: dict[int, Curve] = field(default_factory=dict)
    _since: dict[tuple[int, int], int] = field(default_factory=dict)

    def hear(
        self, trial: int, attempt: int, worker: str, points: Sequence[Point], now: float
    ) -> bool:
        """Commits figures that the holder of an attempt's lease pushes.

        Returns:
            Whether the trial is to end early, which is then in the store.

        Raises:
            Problem: the store is away.
        """
        kept = self.store.record(self.study, trial, attempt, worker, points, now)
        goal = judged(self.search)
        if self.search.stopping is None or goal is None or not kept:
            return False
        key = goal.metric.key
        steps = [point.step for point in points if point.key == key]
        if not steps or max(steps) < self.search.stopping.least:
            return False
        why = self._verdict(trial, attempt, goal)
        return why is not None and self.store.end_early(
            self.study, trial, attempt, ACTOR, {"trial": trial, "why": why}, now
        )

    def _verdict(self, trial: int, attempt: int, goal: Objective) -> str | None:
        assert self.search.stopping is not None
        curves = self._curves(goal.metric.key)
        mine = curves.pop(trial, None)
        if mine is None or mine.is_over or mine.last is None:
            return None
        since = self._since.get((trial, attempt))
        self._since[trial, attempt] = mine.last
        rule = rule_of(self.search.stopping)
        return rule.verdict(mine, since, tuple(curves.values()), goal.direction)

    def _curves(self, key: str) -> dict[int, Curve]:
        """All that matter now; those that are over are read once."""
        found, told = self.store.rivals(self.study, key, MOST, frozenset(self._over))
        self._over = {number: self._over[number] for number in found if number in self._over}
        self._since = {key: step for key, step in self._since.items() if key[0] in found}
        curves = dict(self._over)
        for number, (_, state) in found.items():
            if number in curves:
                continue
            steps, values = told.get(number, ((), ()))
            curves[number] = Curve(steps, values, is_over=state == "completed")
            if state == "completed":
                self._over[number] = curves[number]
        return curves
