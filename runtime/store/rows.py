"""Values out of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from . import schema
from .trial import StudyRecord, Trial

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection, Row


def study_of(connection: Connection, name: str) -> StudyRecord | None:
    """One study, or None."""
    row = connection.execute(
        select(schema.studies).where(schema.studies.c.name == name)
    ).one_or_none()
    return None if row is None else study_from(row)


def study_from(row: Row[Any]) -> StudyRecord:
    """A study out of its row."""
    return StudyRecord(
        name=row.name,
        digest=row.digest,
        program=row.program,
        state=row.state,
        started=row.started,
        finished=row.finished,
        reason=row.reason,
        project=row.project,
        revision=row.revision,
        extra=json.loads(row.extra),
    )


def trials_of(
    connection: Connection, study: str, where: ColumnElement[bool] | None = None
) -> tuple[Trial, ...]:
    """The trials of a study, in order of their number, with the metrics that count.

    Args:
        connection: of any transaction.
        study: its name.
        where: which of them; None for all.
    """
    table = schema.trials
    chosen = table.c.study == study
    if where is not None:
        chosen &= where
    rows = connection.execute(select(table).where(chosen).order_by(table.c.number)).all()
    some = None if where is None else [row.number for row in rows]
    reported = _reported(connection, study, some) if rows else {}
    return tuple(_trial(row, reported.get(row.number, {})) for row in rows)


_MOST_NAMED = 500  # numbers in one statement; beyond, all between the first and the last


def _reported(
    connection: Connection, study: str, numbers: list[int] | None
) -> dict[int, dict[int, dict[str, float]]]:
    """Metrics by trial, attempt and key."""
    found: dict[int, dict[int, dict[str, float]]] = {}
    table = schema.metrics
    chosen = table.c.study == study
    if numbers is not None and len(numbers) <= _MOST_NAMED:
        chosen &= table.c.trial.in_(numbers)
    elif numbers is not None:
        chosen &= table.c.trial.between(numbers[0], numbers[-1])
    query = select(table.c.trial, table.c.attempt, table.c.key, table.c.value)
    for trial, attempt, key, value in connection.execute(query.where(chosen).order_by(table.c.key)):
        found.setdefault(trial, {}).setdefault(attempt, {})[key] = value
    return found


def _trial(row: Row[Any], reported: Mapping[int, Mapping[str, float]]) -> Trial:
    metrics: Mapping[str, float] = {}
    if row.state == "completed":
        metrics = reported.get(row.attempt, {})
    elif row.state == "timed-out" and reported:
        metrics = reported[max(reported)]  # late, but true
    if row.rating is not None and metrics:
        metrics = {**metrics, "rating": row.rating}
    return Trial(
        number=row.number,
        attempt=row.attempt,
        state=row.state,
        point=json.loads(row.point),
        round=row.round,
        proposed=row.proposed,
        requested=row.requested,
        metrics=metrics,
        failure=row.failure,
        message=row.message,
        started=row.started,
        finished=row.finished,
        seconds=row.seconds,
        worker=row.worker,
        expires=row.expires,
        origin=row.origin,
        revision=row.revision,
        fate=row.fate,
        present=None if row.present is None else json.loads(row.present),
        stop=row.stop,
        rating=row.rating,
        retried={} if row.retried == "{}" else json.loads(row.retried),
    )
