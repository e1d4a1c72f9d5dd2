"""An attempt's own transitions: leased, alive, reported; each a statement that repeats itself.

Every statement names the attempt and the states that it starts from, so that whoever comes
second changes nothing, on either database and without any lock but the row's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import update

from ..retries import Retries
from ..trial.contract import TAIL, FailureClass, Phase, TrialReport, Wish
from . import statements
from .columns import as_text
from .reaping import proposed_again
from .trial import LEASED, Lease, TrialState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

LONGEST_KEY = 200
LONGEST_WORKER = 253

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
    if len(worker) > LONGEST_WORKER:
        return None  # cut, it could be taken for another
    values: dict[str, Any] = {"s": study, "t": trial, "a": attempt, "w": worker, "now": now}
    values["until"] = expires
    if connection.dialect.name == "postgresql":
        point = connection.execute(statements.TAKE_AND_NOTE, values).scalar_one_or_none()
    else:
        point = connection.execute(statements.TAKE, values).scalar_one_or_none()
        if point is not None:
            connection.execute(statements.NOTE, values)
    if point is None:  # nobody's any more: the worker's own, where it asks again
        row = connection.execute(statements.HOLDS, values).one_or_none()
        if row is None:
            return None
        point, expires = row
    return Lease(
        study=study,
        trial=trial,
        attempt=attempt,
        worker=worker,
        point=json.loads(point),
        expires=expires,
    )


def heartbeat(connection: Connection, study: str, trial: int, attempt: int, beat: Beat) -> Wish:
    """Moves the lease on; what is wanted of the worker: a late report is, too."""
    values: dict[str, Any] = {"s": study, "t": trial, "a": attempt, "w": beat.worker}
    values |= {"until": beat.expires, "now": beat.now, "phase": beat.phase}
    moved = statements.BEAT if beat.phase is None else statements.BEAT_IN_PHASE
    row = connection.execute(moved, values).one_or_none()
    if row is not None:
        return "go-on" if row.stop is None else "stop"
    late = connection.execute(statements.IS_AWAITED, values).first()
    return "go-on" if late is not None else "abandon"


def finish(
    connection: Connection,
    study: str,
    trial: int,
    attempt: int,
    report: TrialReport,
    now: float,
    retries: Retries,
) -> Literal["settled", "retried", "nothing"]:
    """Writes the report down and says what it did to the trial; in a transaction."""
    report = _finite(report)
    key: dict[str, Any] = {"s": study, "t": trial, "a": attempt}
    # The trial's row first, as whoever ends or reaps it does: two rows in one order never deadlock.
    row = connection.execute(statements.LOCK_TRIAL, key).one_or_none()
    if row is None or not _keep(connection, key, report, now):
        return "nothing"
    failure = report.failure_class
    if row.attempt == attempt and row.state in LEASED:
        retried = json.loads(row.retried)
        if failure is not None and row.stop is None and retries.allow(failure, retried):
            again = proposed_again(attempt + 1, now, failure, retried, retries)
            connection.execute(update(statements.TRIALS).where(statements.MINE).values(again), key)
            return "retried"
        values = {
            "to": _STATES.get(failure, "failed"),
            "failure": failure,
            "message": as_text(report.message, 4000),
            "seconds": report.seconds,
            "now": now,
        }
        connection.execute(statements.SETTLE, key | values)
        return "settled"
    if row.state == "timed-out" and row.seconds == 0.0:
        connection.execute(statements.LATE, key | {"seconds": report.seconds})
    return "nothing"


def _keep(connection: Connection, key: Mapping[str, Any], report: TrialReport, now: float) -> bool:
    """Writes a report down; False if this attempt was never leased, or has reported before."""
    values = {
        "now": now,
        "outcome": report.outcome,
        "failure": report.failure_class,
        "message": as_text(report.message, 4000),
        "seconds": report.seconds,
        "cpu_seconds": report.cpu_seconds,
        "joules": report.joules,
        "tail": as_text(report.tail[-TAIL:], TAIL),
    }
    if not connection.execute(statements.REPORT, {**key, **values}).rowcount:
        return False
    if report.outcome == "completed" and report.metrics:
        mine = {"study": key["s"], "trial": key["t"], "attempt": key["a"]}
        kept = {as_text(name, LONGEST_KEY): value for name, value in report.metrics.items()}
        connection.execute(
            statements.METRICS, [{**mine, "key": k, "value": v} for k, v in kept.items()]
        )
    return True


def _finite(report: TrialReport) -> TrialReport:
    bad = sorted(key for key, value in report.metrics.items() if not math.isfinite(value))
    if report.outcome != "completed" or not bad:
        return report
    named = ", ".join(f"`{key}` is {report.metrics[key]}" for key in bad)
    return replace(report, outcome="failed", failure_class="nan", message=named, metrics={})
