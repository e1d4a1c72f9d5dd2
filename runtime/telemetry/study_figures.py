"""What is to be seen of a study from outside, read from its store in a few statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from omniforce.compiler.ir.program import Program
from omniforce.spec.expression.tree import BestModel
from omniforce.spec.plain.values import from_plain

from ..budget import budget_of, limits
from ..choice import choose, objectives
from ..rewards import search_of
from ..store import schema
from ..store.session import Session
from ..store.trial import StudyRecord, Usage

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from ..store.store import Store

MOST_TRIALS = 5_000
"""Beyond it the best trial is not looked for: a scrape must stay cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFigures:
    """One study at one moment.

    Attributes:
        trials: their number by state.
        failures: their number by class.
        best: the best trial's objectives by key; empty where there is none.
        budget: the share that is spent of each bound, 1 for all of it.
        seconds: that all attempts have taken.
        unsent: events that are committed and not sent.
        oldest: seconds that the oldest of them has waited.
        dead_letters: of all studies together.
    """

    project: str
    study: str
    state: str
    trials: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, int], ...]
    best: tuple[tuple[str, float], ...]
    budget: tuple[tuple[str, float], ...]
    seconds: float
    unsent: int
    oldest: float
    dead_letters: int


def study_figures(store: Store, project: str | None = None) -> tuple[StudyFigures, ...]:
    """The figures of all studies, or of a project's, by name.

    Raises:
        Problem: the store cannot be used.
    """
    now = store.clock()
    return tuple(_figures(store, record, now) for record in store.studies(project))


def _figures(store: Store, record: StudyRecord, now: float) -> StudyFigures:
    with store.database.reading() as connection:
        session = Session(connection, record.name)
        states = _count(connection, record.name, schema.trials.c.state)
        failures = _count(connection, record.name, schema.trials.c.failure)
        usage, spent = session.usage(now), session.spent_trials()
        unsent, oldest = _unsent(connection, record.name)
        dead = connection.execute(
            select(func.count()).select_from(schema.dead_letters)
        ).scalar_one()
    program = from_plain(Program, json.loads(record.program))
    return StudyFigures(
        project=record.project,
        study=record.name,
        state=record.state,
        trials=states,
        failures=failures,
        best=_best(store, record, program, sum(count for _, count in states)),
        budget=tuple(_shares(program, record, usage, spent, now)),
        seconds=usage.seconds,
        unsent=unsent,
        oldest=0.0 if oldest is None else max(0.0, now - oldest),
        dead_letters=dead,
    )


def _count(
    connection: Connection, study: str, column: ColumnElement[str]
) -> tuple[tuple[str, int], ...]:
    """The trials by a column's values, without those that have none."""
    query = select(column, func.count()).where(schema.trials.c.study == study)
    rows = connection.execute(query.where(column.is_not(None)).group_by(column).order_by(column))
    return tuple((row[0], row[1]) for row in rows)


def _unsent(connection: Connection, study: str) -> tuple[int, float | None]:
    """How many events wait, and since when the oldest does."""
    table = schema.outbox
    query = select(func.count(), func.min(table.c.created))
    row = connection.execute(query.where(table.c.study == study, table.c.sent.is_(None))).one()
    return row[0], row[1]


def _best(
    store: Store, record: StudyRecord, program: Program, count: int
) -> tuple[tuple[str, float], ...]:
    if count > MOST_TRIALS:
        return ()
    goals = search_of(program).goals
    trial = choose(BestModel(), goals, store.trials(record.name))
    if trial is None:
        return ()
    return tuple((g.metric.key, trial.metrics[g.metric.key]) for g in objectives(goals))


def _shares(
    program: Program, record: StudyRecord, usage: Usage, spent: int, now: float
) -> Iterator[tuple[str, float]]:
    budget = budget_of(program, record.extra)
    if budget.trials:
        yield "trials", spent / budget.trials
    if budget.wall_clock:
        yield "wall-clock", ((record.finished or now) - record.started) / budget.wall_clock
    for limit in limits(program, budget, usage):
        if limit.most:
            yield limit.reason, limit.used / limit.most
