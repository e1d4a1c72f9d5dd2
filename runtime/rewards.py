"""A study in the words of its strategy: the problem, and one reward a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.expression.tree import Direction, Objective, Requirement
from omniforce.strategies.protocol import Goal, Outcome, Past, Problem, Reward

from .choice import bound, objectives, reference, requirements
from .store.trial import Trial, TrialState

UNBOUNDED = 1000
"""How many trials a strategy plans for where only time or money ends the search."""

_OUTCOMES: Mapping[TrialState, Outcome] = {
    "proposed": Outcome.PENDING,
    "reserved": Outcome.PENDING,
    "running": Outcome.PENDING,
    "measuring": Outcome.PENDING,
    "completed": Outcome.COMPLETED,
    "failed": Outcome.FAILED,
    "timed-out": Outcome.TIMED_OUT,
    "cancelled": Outcome.FAILED,
}


class NoSearch(Exception):  # noqa: N818
    """The program searches nothing; whoever calls should not have."""


def search_of(program: Program) -> Search:
    """The program's search.

    Raises:
        NoSearch: it has none.
    """
    for step in program.steps:
        if isinstance(step, Search):
            return step
    raise NoSearch(program.name)


def problem_of(search: Search, past: tuple[Past, ...] = ()) -> Problem:
    """What is searched, and which past studies there are to learn from."""
    return Problem(
        space=search.space,
        goals=(
            *map(_wish, objectives(search.goals)),
            *map(_limit, requirements(search.goals)),
        ),
        seed=search.seed,
        budget=search.budget.trials or UNBOUNDED,
        parallelism=search.parallelism,
        past=past,
    )


def rewards_of(trials: Sequence[Trial]) -> tuple[Reward, ...]:
    """All trials that answer what is asked now, in order of their number."""
    return tuple(
        Reward(
            trial.number,
            trial.present_point,
            _OUTCOMES[trial.state],
            trial.metrics,
            trial.seconds if trial.is_settled and trial.seconds > 0.0 else None,
        )
        for trial in sorted(trials, key=lambda trial: trial.number)
        if trial.counts
    )


def _wish(objective: Objective) -> Goal:
    return Goal(objective.metric.key, objective.direction, reference=reference(objective))


def _limit(requirement: Requirement) -> Goal:
    safe: Direction = "minimize" if requirement.operator in ("<", "<=") else "maximize"
    return Goal(requirement.metric.key, safe, bound(requirement))
