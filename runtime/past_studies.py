"""Which past studies a study learns from: the knowledge base of the paper's section 2.1.6.

They are chosen once, when the search begins, and kept with the study as they were then: whatever
becomes of them, the same study always learns from the same trials, as a strategy that is rebuilt
at every round must.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from omniforce.compiler.ir.program import Program, Search, Step
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.problem import Problem as Fault
from omniforce.spec.space import Space
from omniforce.strategies.past.overlap import overlap
from omniforce.strategies.past.tasks import MOST_STUDIES, informative, shared_goals
from omniforce.strategies.protocol import Goal, Outcome, Past, Reward

from .rewards import problem_of, rewards_of
from .store.learned import Learned
from .store.store import Store
from .store.trial import DEFAULT_PROJECT, StudyRecord

if TYPE_CHECKING:
    from omniforce.spec.expression.tree import Direction

UNKNOWN = "OFC880"

MOST_LOOKED_AT = 200
"""So many studies are considered, the latest ones."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store with past studies.

    Attributes:
        name: of its only study, where that is not what the study calls itself: a study that was
            set aside for a fresh one keeps its old name inside.
    """

    store: Store
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    shelf: Shelf
    record: StudyRecord
    search: Search

    @property
    def goals(self) -> tuple[Goal, ...]:
        return problem_of(self.search).goals


def past_of(
    store: Store, study: str, search: Search, now: float, shelves: Sequence[Shelf] = ()
) -> tuple[Past, ...]:
    """What a study learns from, the closest first; chosen now where it was not before.

    Args:
        store: of the study.
        study: its name.
        search: as its spec has it now; where that asks for other past studies than before, they
            are chosen anew.
        now: seconds since the epoch; trials that end later are not learned from.
        shelves: other stores to look in.

    Raises:
        Problem: a study that the spec names is in none of the stores, or a store cannot be used.
    """
    if search.warm_start.by == "off":
        return ()
    asked = str(search.warm_start)
    kept = store.learned(study)
    if kept is None or kept.asked != asked:
        found = tuple(_chosen(store, study, search, now, shelves))
        kept = store.keep_learned(study, Learned(asked, _text(found)), now)
    return _read(kept.studies)


def _chosen(
    store: Store, study: str, search: Search, now: float, shelves: Sequence[Shelf]
) -> Iterable[Past]:
    own = store.study(study)
    project = DEFAULT_PROJECT if own is None else own.project
    candidates = list(_candidates((Shelf(store), *shelves), project, study))
    wanted = search.warm_start
    if wanted.by == "name":
        named = {each.name: each for each in candidates}
        missing = [name for name in wanted.studies if name not in named]
        if missing:
            raise Fault(
                UNKNOWN,
                f"there is no study `{missing[0]}` to learn from",
                _known(named) if named else "write `warmStart: off`: there are no past studies",
            )
        candidates = [named[name] for name in wanted.studies]
    else:
        candidates = [each for each in candidates if _resembles(search, each)]
    candidates.sort(key=lambda each: _distance(search, each))
    for each in candidates[:MOST_STUDIES]:
        yield Past(each.name, each.search.space, each.goals, _rewards(each, now))


def _known(named: dict[str, _Candidate]) -> str:
    words = ", ".join(f"`{name}`" for name in sorted(named)[:8])
    return f"the store has {words}" if len(named) <= 8 else f"among others there are {words}"


def _candidates(shelves: Sequence[Shelf], project: str, study: str) -> Iterable[_Candidate]:
    """All other studies of the project whose program can be read, the latest ones."""
    found = [
        (shelf.name or record.name, shelf, record)
        for shelf in shelves
        for record in shelf.store.studies(project)
        if shelf.name is not None or record.name != study
    ]
    found.sort(key=lambda each: -each[2].started)
    for name, shelf, record in found[:MOST_LOOKED_AT]:
        search = _search(record.program)
        if search is not None:
            yield _Candidate(name, shelf, record, search)


def _search(program: str) -> Search | None:
    """The search of a stored program; None of one that another release wrote in its own words."""
    try:
        steps: tuple[Step, ...] = from_plain(Program, json.loads(program)).steps
    except Exception:  # whatever a program of long ago may lack
        return None
    return next((step for step in steps if isinstance(step, Search)), None)


def _resembles(search: Search, past: _Candidate) -> bool:
    goals = shared_goals(problem_of(search).goals, past.goals)
    aims = any(goal.bound is None for goal in goals)
    return (
        past.record.state == "completed" and aims and overlap(search.space, past.search.space) > 0
    )


def _distance(search: Search, past: _Candidate) -> tuple[bool, float, float, str]:
    """The same algorithm first, then the spaces that have most in common, then the latest."""
    other = past.search.algorithm.name != search.algorithm.name
    return other, -overlap(search.space, past.search.space), -past.record.started, past.name


def _rewards(past: _Candidate, now: float) -> tuple[Reward, ...]:
    trials = [
        trial
        for trial in past.shelf.store.trials(past.record.name)
        if trial.state == "completed" and trial.finished is not None and trial.finished <= now
    ]
    return informative(past.goals, rewards_of(trials))


def _text(past: Iterable[Past]) -> str:
    plain = [
        {
            "study": each.study,
            "space": to_plain(each.space),
            "goals": [[g.metric, g.direction, g.bound, g.reference] for g in each.goals],
            "rewards": [[r.trial, dict(r.point), dict(r.metrics), r.seconds] for r in each.rewards],
        }
        for each in past
    ]
    return json.dumps(plain, sort_keys=True)


@lru_cache(maxsize=4)
def _read(text: str) -> tuple[Past, ...]:
    return tuple(
        Past(
            each["study"],
            from_plain(Space, each["space"]),
            tuple(_goal(*goal) for goal in each["goals"]),
            tuple(
                Reward(trial, point, Outcome.COMPLETED, metrics, seconds)
                for trial, point, metrics, seconds in each["rewards"]
            ),
        )
        for each in json.loads(text)
    )


def _goal(metric: str, direction: Direction, bound: float | None, reference: float | None) -> Goal:
    return Goal(metric, direction, bound, reference)
