"""Values out of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from . import schema
from .trial import StudyRecord, Trial

if TYPE_CHECKING:
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
    )


def trials_of(connection: Connection, study: str) -> tuple[Trial, ...]:
    """All trials of a study, in order of their number, with the metrics that count."""
    rows = connection.execute(
        select(schema.trials).where(schema.trials.c.study == study).order_by(schema.trials.c.number)
    ).all()
    reported = _reported(connection, study)
    return tuple(_trial(row, reported.get(row.number, {})) for row in rows)


def _reported(connection: Connection, study: str) -> dict[int, dict[int, dict[str, float]]]:
    """Metrics by trial, attempt and key."""
    found: dict[int, dict[int, dict[str, float]]] = {}
    table = schema.metrics
    query = select(table.c.trial, table.c.attempt, table.c.key, table.c.value)
    for trial, attempt, key, value in connection.execute(
        query.where(table.c.study == study).order_by(table.c.key)
    ):
        found.setdefault(trial, {}).setdefault(attempt, {})[key] = value
    return found


def _trial(row: Row[Any], reported: Mapping[int, Mapping[str, float]]) -> Trial:
    metrics: Mapping[str, float] = {}
    if row.state == "completed":
        metrics = reported.get(row.attempt, {})
    elif row.state == "timed-out" and reported:
        metrics = reported[max(reported)]  # late, but true
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
    )
