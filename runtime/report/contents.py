"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Goal

from ..choice import front, is_feasible, objectives, requirements
from ..store.trial import StudyRecord, Trial


@dataclass(frozen=True, slots=True)
class Contents:
    """A study as its report shows it.

    Attributes:
        chosen: the trial whose model was wanted; None where none is good enough.
        facts: of the model that was made of it, by label; empty where none was made.
    """

    program: Program
    record: StudyRecord
    trials: tuple[Trial, ...]
    chosen: int | None = None
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def search(self) -> Search:
        """The step that ran the trials."""
        return next(step for step in self.program.steps if isinstance(step, Search))

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What was wanted."""
        return self.search.goals

    @property
    def front(self) -> tuple[Trial, ...]:
        """The Pareto front."""
        return front(self.goals, self.trials)

    @property
    def plotted(self) -> tuple[Trial, ...]:
        """The trials that have a figure for every objective."""
        wanted = [goal.metric.key for goal in objectives(self.goals)]
        return tuple(t for t in self.trials if all(key in t.metrics for key in wanted))

    @property
    def metric_keys(self) -> tuple[str, ...]:
        """What goals speak of, each once: objectives first."""
        keys = [goal.metric.key for goal in (*objectives(self.goals), *requirements(self.goals))]
        return tuple(dict.fromkeys(keys))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Coordinates that some trial set, in the order of the space."""
        used = {name for trial in self.trials for name in trial.point}
        return tuple(c.id for c in self.search.space if c.id in used)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Whether every requirement is kept."""
        return is_feasible(self.goals, metrics)

    def kind(self, trial: Trial) -> str:
        """How a figure marks a trial: `chosen`, `front`, `good` or `broken`."""
        if trial.number == self.chosen:
            return "chosen"
        if not self.feasible(trial.metrics):
            return "broken"
        return "front" if trial in self.front else "good"


def goal_text(goal: Goal) -> str:
    """A goal as the spec says it."""
    return to_text(goal)
