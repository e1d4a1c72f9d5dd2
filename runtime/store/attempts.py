"""An attempt's own transitions: leased, alive, reported; each a statement that repeats itself.

Every statement names the attempt and the states that it starts from, so that whoever comes
second changes nothing, on either database and without any lock but the row's.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sqlalchemy import and_, select, update

from ..retries import Retries
from ..trial.contract import TAIL, FailureClass, Phase, TrialReport, Wish
from . import schema
from .reaping import proposed_again
from .trial import LEASED, Lease, TrialState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

_STATES: dict[FailureClass | None, TrialState] = {None: "completed", "timeout": "timed-out"}


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat.

    Attributes:
        expires: when the lease now runs out.
        phase: what the worker does by now; None for what it did before.
    """

    worker: str
    expires: float
    now: float
    phase: Phase | None


def lease(
    connection: Connection,
    study: str,
    trial: int,
    attempt: int,
    worker: str,
    expires: float,
    now: float,
) -> Lease | None:
    """Gives the attempt to the worker if it is free; None if it is another's, or over."""
    table = schema.trials
    free = _attempt(study, trial, attempt) & (table.c.state == "proposed")
    taken = update(table).where(free).values(state="reserved", worker=worker, expires=expires)
    if connection.execute(taken).rowcount:
        connection.execute(
            schema.attempts.insert().values(
                study=study,
                trial=trial,
                attempt=attempt,
                worker=worker,
                leased=now,
                message="",
                seconds=0.0,
                cpu_seconds=0.0,
            )
        )
    row = connection.execute(
        select(table.c.point, table.c.expires).where(_held(study, trial, attempt, worker))
    ).one_or_none()
    if row is None:
        return None
    point = json.loads(row.point)
    return Lease(
        study=study, trial=trial, attempt=attempt, worker=worker, point=point, expires=row.expires
    )


def heartbeat(connection: Connection, study: str, trial: int, attempt: int, beat: Beat) -> Wish:
    """Moves the lease on; what is wanted of the worker: a late report is, too."""
    table = schema.trials
    held = _held(study, trial, attempt, beat.worker)
    values: dict[str, str | float] = {"expires": beat.expires}
    if beat.phase is not None:
        values["state"] = beat.phase
        first = update(table).where(held, table.c.started.is_(None))
        connection.execute(first.values(started=beat.now))
    if connection.execute(update(table).where(held).values(values)).rowcount:
        asked = connection.execute(select(table.c.stop).where(held)).scalar_one_or_none()
        return "go-on" if asked is None else "stop"
    late = _attempt(study, trial, attempt) & (
        (table.c.worker == beat.worker) & (table.c.state == "timed-out")
    )
    running = select(schema.studies.c.name).where(
        schema.studies.c.name == study, schema.studies.c.state != "completed"
    )
    query = select(table.c.number).where(late, running.exists())
    return "go-on" if connection.execute(query).first() is not None else "abandon"


def finish(
    connection: Connection,
    study: str,
    trial: int,
    attempt: int,
    report: TrialReport,
    now: float,
    retries: Retries,
) -> Literal["settled", "retried", "nothing"]:
    """Writes the report down and says what it did to the trial; under the study's lock."""
    report = _finite(report)
    if not _keep(connection, study, trial, attempt, report, now):
        return "nothing"
    table = schema.trials
    mine = _attempt(study, trial, attempt) & table.c.state.in_(sorted(LEASED))
    failure = report.failure_class
    if failure is not None and retries.most.get(failure):
        row = connection.execute(select(table.c.retried, table.c.stop).where(mine)).one_or_none()
        retried = {} if row is None else json.loads(row.retried)
        if row is not None and row.stop is None and retries.allow(failure, retried):
            again = proposed_again(attempt + 1, now, failure, retried, retries)
            connection.execute(update(table).where(mine).values(again))
            return "retried"
    settled = update(table).where(mine)
    settled = settled.values(
        state=_STATES.get(failure, "failed"),
        failure=failure,
        message=as_text(report.message, 4000),
        seconds=report.seconds,
        finished=now,
        expires=None,
    )
    if connection.execute(settled).rowcount:
        return "settled"
    late = and_(
        table.c.study == study,
        table.c.number == trial,
        table.c.state == "timed-out",
        table.c.seconds == 0.0,
    )
    connection.execute(update(table).where(late).values(seconds=report.seconds))
    return "nothing"


def _attempt(study: str, trial: int, attempt: int) -> ColumnElement[bool]:
    table = schema.trials
    return and_(table.c.study == study, table.c.number == trial, table.c.attempt == attempt)


def _held(study: str, trial: int, attempt: int, worker: str) -> ColumnElement[bool]:
    table = schema.trials
    return _attempt(study, trial, attempt) & (
        (table.c.worker == worker) & table.c.state.in_(sorted(LEASED))
    )


def _keep(
    connection: Connection, study: str, trial: int, attempt: int, report: TrialReport, now: float
) -> bool:
    """Writes a report down; False if this attempt was never leased, or has reported before."""
    table = schema.attempts
    new = connection.execute(
        update(table)
        .where(
            table.c.study == study,
            table.c.trial == trial,
            table.c.attempt == attempt,
            table.c.reported.is_(None),
        )
        .values(
            reported=now,
            outcome=report.outcome,
            failure=report.failure_class,
            message=as_text(report.message, 4000),
            seconds=report.seconds,
            cpu_seconds=report.cpu_seconds,
            joules=report.joules,
            tail=as_text(report.tail[-TAIL:], TAIL),
            ended=now,
        )
    ).rowcount
    if not new:
        return False
    if report.outcome == "completed" and report.metrics:
        connection.execute(
            schema.metrics.insert(),
            [
                {"study": study, "trial": trial, "attempt": attempt, "key": key, "value": value}
                for key, value in report.metrics.items()
            ],
        )
    return True


def _finite(report: TrialReport) -> TrialReport:
    bad = sorted(key for key, value in report.metrics.items() if not math.isfinite(value))
    if report.outcome != "completed" or not bad:
        return report
    named = ", ".join(f"`{key}` is {report.metrics[key]}" for key in bad)
    return replace(report, outcome="failed", failure_class="nan", message=named, metrics={})


def as_text(message: str, most: int) -> str:
    """Text as any database takes it: PostgreSQL knows no NUL, and UTF-8 no lone surrogate."""
    clean = message[:most].replace("\0", "\ufffd")
    return clean.encode("utf-8", "replace").decode("utf-8")
