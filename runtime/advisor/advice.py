"""What is advised, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omniforce.compiler.ir.program import Program, Search
from omniforce.strategies.points.encoding import Encoding

from ..choice import costs, is_feasible, objectives
from ..rewards import search_of
from ..store.trial import StudyRecord, Trial


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the spec.

    Attributes:
        path: of the value, from the root of the file; under `searchSpace` the parameter's name
            alone, wherever it stands.
        text: what to write there, as YAML.
        end: of a range, which of its ends the text is; None for the whole value.
    """

    path: tuple[str, ...]
    text: str
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice.

    Attributes:
        rule: the name of the rule, which explains itself in docs/advise.md.
        message: what the trials show.
        evidence: the figures that it rests on.
        help: what to write instead.
        changes: what does as `help` says; empty where only a person can tell what is meant.
    """

    rule: str
    message: str
    evidence: tuple[str, ...]
    help: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A study as the rules see it.

    Attributes:
        over: the trials that are settled and count, in order of their number.
        told: those of them that have a figure for each objective.
        ranked: those of them that keep the requirements, the best by the first objective first.
    """

    record: StudyRecord
    search: Search
    over: tuple[Trial, ...]
    told: tuple[Trial, ...]
    ranked: tuple[Trial, ...]
    encoding: Encoding

    @classmethod
    def of(cls, record: StudyRecord, program: Program, trials: Sequence[Trial]) -> Subject:
        """The study with these trials, all of them."""
        search = search_of(program)
        over = tuple(trial for trial in trials if trial.is_settled and trial.counts)
        keys = [goal.metric.key for goal in objectives(search.goals)]
        told = tuple(trial for trial in over if all(key in trial.metrics for key in keys))
        kept = [trial for trial in told if is_feasible(search.goals, trial.metrics)]
        ranked = tuple(sorted(kept, key=lambda t: costs(search.goals, t.metrics)[0]))
        return cls(record, search, over, told, ranked, Encoding.of(search.space))

    @property
    def objective(self) -> str:
        """The key of the first objective."""
        return objectives(self.search.goals)[0].metric.key

    def cost(self, trial: Trial) -> float:
        """The first objective's figure with such a sign that less is better."""
        return costs(self.search.goals, trial.metrics)[0]

    @property
    def best(self) -> tuple[Trial, ...]:
        """A tenth of the trials that keep the requirements, four at least."""
        return self.ranked[: max(4, len(self.ranked) // 10)]
