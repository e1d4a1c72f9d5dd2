"""What can be asked of a trial by name: its parameters, its metrics, and the facts of its life."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from omniforce.compiler.ir.program import Search
from omniforce.spec.expression.tree import Value

from ..choice import front, is_feasible, metric_keys
from ..store.trial import Trial

FACTS: Mapping[str, Callable[[Trial], Value | None]] = {
    "trial": lambda trial: trial.number,
    "state": lambda trial: trial.state,
    "origin": lambda trial: trial.origin,
    "fate": lambda trial: trial.fate,
    "revision": lambda trial: trial.revision,
    "round": lambda trial: trial.round,
    "attempt": lambda trial: trial.attempt,
    "seconds": lambda trial: trial.seconds,
    "failure": lambda trial: trial.failure,
    "message": lambda trial: trial.message or None,
    "rating": lambda trial: trial.rating,
}
"""Facts of a trial alone; `feasible` and `front` hang on the goals and on the others."""


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """The trials of a study, each as names and values.

    A parameter or a metric goes before a fact of the same name.

    Attributes:
        parameters: the ids of the coordinates that trials have.
        metrics: the keys that trials have, those of the goals first.
    """

    parameters: tuple[str, ...]
    metrics: tuple[str, ...]
    best: frozenset[int]
    search: Search

    @classmethod
    def of(cls, search: Search, trials: Iterable[Trial]) -> TrialFacts:
        """What there is to ask of these trials."""
        all_ = tuple(trials)
        parameters = [c.id for c in search.space] + [id_ for t in all_ for id_ in t.point]
        reported = sorted({key for trial in all_ for key in trial.metrics})
        good = front(search.goals, [trial for trial in all_ if trial.counts])
        return cls(
            tuple(dict.fromkeys(parameters)),
            tuple(dict.fromkeys((*metric_keys(search.goals), *reported))),
            frozenset(trial.number for trial in good),
            search,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All names, as they are written."""
        return tuple(dict.fromkeys((*self.metrics, *self.parameters, *FACTS, "feasible", "front")))

    def values(self, trial: Trial) -> dict[str, Value]:
        """The names that have a value in this trial."""
        found: dict[str, Value] = {
            "feasible": bool(trial.metrics) and is_feasible(self.search.goals, trial.metrics),
            "front": trial.number in self.best,
        }
        for name, fact in FACTS.items():
            if (value := fact(trial)) is not None:
                found[name] = value
        return {**found, **trial.point, **trial.metrics}
