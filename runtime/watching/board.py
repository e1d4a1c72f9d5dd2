"""How a study stands, kept up to date by what changes in it: what every view is drawn from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.expression.tree import BestModel
from omniforce.spec.plain.values import from_plain

from ..budget import HOUR, budget_of, end_of, limits
from ..choice import choose, front, objectives
from ..quantities import show_duration, show_number
from ..rewards import search_of
from ..steering.access import Acted, Change, Pushed, StudyNow, TrialNow
from ..store.trial import LEASED, OUTSTANDING, Action, CurvePoint, StudyRecord, Trial, Usage

MOST_POINTS = 200_000
"""Pushed figures that are kept to be drawn."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One bound of the budget.

    Attributes:
        used, most: in the bound's own unit.
        text: both as people read them.
    """

    name: str
    used: float
    most: float
    text: str

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.used / self.most) if self.most > 0 else 1.0


@dataclass(slots=True)
class Board:
    """What is known of a study so far."""

    record: StudyRecord
    program: Program
    trials: dict[int, Trial] = field(default_factory=dict)
    curves: dict[str, dict[int, dict[int, float]]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    points: int = 0
    _front: tuple[Trial, ...] | None = None
    _best_so_far: tuple[tuple[float, float], ...] | None = None

    @classmethod
    def of(cls, record: StudyRecord) -> Board:
        """A board with nothing on it yet but the study."""
        return cls(record, from_plain(Program, json.loads(record.program)))

    @property
    def search(self) -> Search:
        """The step that runs the trials."""
        return search_of(self.program)

    def take(self, changes: Iterable[Change]) -> None:
        """Brings it up to date; the same may be told again."""
        for change in changes:
            if isinstance(change, StudyNow | TrialNow):
                self._front = self._best_so_far = None
            match change:
                case StudyNow(record=record):
                    if record.revision != self.record.revision:
                        self.program = from_plain(Program, json.loads(record.program))
                    self.record = record
                case TrialNow(trial=trial):
                    self.trials[trial.number] = trial
                case Pushed(point=point):
                    self._push(point)
                case Acted(action=action):
                    self.actions = [*self.actions, action][-100:]

    def _push(self, point: CurvePoint) -> None:
        if self.points >= MOST_POINTS:
            return
        of_trial = self.curves.setdefault(point.key, {}).setdefault(point.trial, {})
        self.points += point.step not in of_trial
        of_trial[point.step] = point.value

    @property
    def running(self) -> tuple[Trial, ...]:
        """What a worker has, by number."""
        return tuple(t for _, t in sorted(self.trials.items()) if t.state in LEASED)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many trials are in each state."""
        found: dict[str, int] = {}
        for trial in self.trials.values():
            found[trial.state] = found.get(trial.state, 0) + 1
        return dict(sorted(found.items()))

    @property
    def counting(self) -> tuple[Trial, ...]:
        """The trials that answer what the present spec asks, by number."""
        return tuple(t for _, t in sorted(self.trials.items()) if t.counts)

    @property
    def best(self) -> Trial | None:
        """The trial whose model is wanted."""
        good = self.front
        if isinstance(self.search.model, BestModel):
            return good[0] if good else None
        return choose(self.search.model, self.search.goals, self.counting)

    @property
    def front(self) -> tuple[Trial, ...]:
        """The Pareto front, found once for each change."""
        if self._front is None:
            self._front = front(self.search.goals, self.counting)
        return self._front

    def spent(self, now: float) -> tuple[Spent, ...]:
        """Every bound of the budget, how far it is used up; from the trials' last attempts."""
        record, program = self.record, self.program
        budget = budget_of(program, record.extra)
        until = record.finished if record.finished is not None else now
        found: list[Spent] = []
        if budget.trials is not None:
            count = sum(1 for t in self.trials.values() if t.counts and t.origin != "import")
            found.append(Spent("trials", count, budget.trials, f"{count} of {budget.trials}"))
        end = end_of(budget, record)
        if end is not None:
            used, most = max(0.0, until - record.started), end - record.started
            text = f"{show_duration(used)} of {show_duration(most)}"
            found.append(Spent("wall clock", used, most, text))
        seconds = sum(self._seconds(trial, now) for trial in self.trials.values())
        for limit in limits(program, budget, Usage(seconds, 0.0, seconds)):
            name = {"gpu-hours": "GPU-hours", "usd": "USD", "energy": "kWh"}[limit.reason]
            text = f"about {show_number(limit.used)} of {show_number(limit.most)}"
            found.append(Spent(name, limit.used, limit.most, text))
        return tuple(found)

    def _seconds(self, trial: Trial, now: float) -> float:
        if trial.origin == "import":
            return 0.0
        if trial.state in OUTSTANDING:
            return max(0.0, now - trial.started) if trial.started is not None else 0.0
        return trial.seconds

    def left(self, now: float) -> float | None:
        """Seconds until the budget is spent, as fast as it went so far; None before it went."""
        if self.record.state != "running":
            return None
        took = now - self.record.started
        shares = [each.share for each in self.spent(now)]
        top = max(shares, default=0.0)
        if top <= 0.0 or took <= 0.0:
            return None
        return min(took / top - took, 1000 * 24 * HOUR)

    def metric(self, wanted: str | None) -> str | None:
        """The metric whose curves are drawn: the one that is wanted, else what is pushed most."""
        if wanted is not None:
            return wanted
        goals = [goal.metric.key for goal in objectives(self.search.goals)]
        pushed = [key for key in goals if key in self.curves]
        if pushed:
            return pushed[0]
        return max(self.curves, key=lambda key: len(self.curves[key]), default=None)

    def best_so_far(self) -> tuple[tuple[float, float], ...]:
        """The first objective's best figure by completed trials, as (count, figure).

        Only where it changes, before and after, and at the end.
        """
        if self._best_so_far is None:
            self._best_so_far = tuple(self._improved())
        return self._best_so_far

    def _improved(self) -> Iterator[tuple[float, float]]:
        goals = objectives(self.search.goals)
        if not goals:
            return
        first = goals[0]
        better = max if first.direction == "maximize" else min
        done = sorted(
            (t for t in self.counting if first.metric.key in t.metrics),
            key=lambda trial: (trial.finished or 0.0, trial.number),
        )
        best, told = math.nan, 0
        for count, trial in enumerate(done, 1):
            value = trial.metrics[first.metric.key]
            now = value if count == 1 else better(best, value)
            if now != best:
                if told < count - 1:
                    yield count - 1.0, best
                yield float(count), now
                best, told = now, count
        if told < len(done):
            yield float(len(done)), best
