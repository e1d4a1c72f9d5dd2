"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Goal

from ..choice import is_feasible, metric_keys, objectives
from ..store.trial import StudyRecord, Trial
from .parameters import parameter_texts, shown_ids


@dataclass(frozen=True, slots=True)
class Contents:
    """A study as its report shows it.

    Attributes:
        front: the trials that none beats, best by the first objective first.
        chosen: the trial whose model was wanted; None where none is good enough.
        facts: of the model that was made of it, by label; empty where none was made.
    """

    program: Program
    record: StudyRecord
    trials: tuple[Trial, ...]
    front: tuple[Trial, ...] = ()
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
    def plotted(self) -> tuple[Trial, ...]:
        """The trials that have a figure for every objective."""
        return tuple(trial for trial in self.trials if self.is_plotted(trial))

    def is_plotted(self, trial: Trial) -> bool:
        """Whether a trial has a figure for every objective."""
        return all(goal.metric.key in trial.metrics for goal in objectives(self.goals))

    @property
    def metric_keys(self) -> tuple[str, ...]:
        """What goals speak of, each once: objectives first."""
        return metric_keys(self.goals)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that some trial had, in the order of the space; computed values last."""
        used = {name for trial in self.trials for name in self.texts(trial)}
        ids = shown_ids(self.search.space)
        return tuple(id_ for id_ in ids if id_ in used)

    def texts(self, trial: Trial) -> dict[str, str]:
        """What a trial was asked for, by the parameters that it had."""
        return parameter_texts(self.search.space, trial.present_point)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Whether every requirement is kept."""
        return is_feasible(self.goals, metrics)

    def kind(self, trial: Trial) -> str:
        """How a figure marks a trial: `chosen`, `front`, `good` or `broken`."""
        if trial.number == self.chosen:
            return "chosen"
        if not self.feasible(trial.metrics):
            return "broken"
        return "front" if trial.number in {each.number for each in self.front} else "good"


def goal_text(goal: Goal) -> str:
    """A goal as the spec says it."""
    return to_text(goal)
