"""Taking back what died: leases that ran out, requests that nobody took, what hangs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, select, update

from ..retries import Retries
from . import schema
from .trial import LEASED, OUTSTANDING, Reaped

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from ..trial.contract import FailureClass

GRACE_SECONDS = 60.0
"""What an attempt gets beyond its timeout, for its worker to end it and to say so."""


def reap(
    connection: Connection,
    study: str,
    now: float,
    *,
    retries: Retries,
    timeout: float,
    patience: float | None,
) -> tuple[Reaped, ...]:
    """Takes back what died; see `Session.reap`."""
    table = schema.trials
    rows = connection.execute(
        select(table)
        .where(table.c.study == study, table.c.state.in_(sorted(OUTSTANDING)))
        .order_by(table.c.number)
    ).all()
    reaped: list[Reaped] = []
    for row in rows:
        found = _judge(row, now, retries, timeout, patience)
        if found is None:
            continue
        outcome, values = found
        # A heartbeat or a report may come in beside this: whoever is first has it.
        same = and_(
            table.c.study == study,
            table.c.number == row.number,
            table.c.attempt == row.attempt,
            table.c.state == row.state,
            table.c.expires.is_not_distinct_from(row.expires),
        )
        if connection.execute(update(table).where(same).values(values)).rowcount:
            end_attempts(connection, study, [(row.number, row.attempt)], now)
            reaped.append(outcome)
    return tuple(reaped)


def _judge(
    row: Row[Any], now: float, retries: Retries, timeout: float, patience: float | None
) -> tuple[Reaped, dict[str, Any]] | None:
    """What becomes of a trial under way, and the columns that say so; None lets it be."""
    if row.state == "proposed":
        lost = patience is not None and row.requested + patience <= now
        why = "no worker took it in time"
    else:
        lost = row.expires is not None and row.expires <= now
        why = "its worker died in silence"
    late = row.started is not None and row.started + timeout <= now
    hung = row.started is not None and row.started + timeout + GRACE_SECONDS <= now
    if not (lost or hung):
        return None
    failure: FailureClass = "timeout" if late else "lost-worker"
    retried = json.loads(row.retried)
    if retries.allow(failure, retried):
        again = proposed_again(row.attempt + 1, now, failure, retried, retries)
        return Reaped(row.number, row.attempt + 1, "proposed"), again
    if late:
        gone = over("timed-out", "timeout", f"not over after {timeout:g} s", now)
        return Reaped(row.number, row.attempt, "timed-out"), gone
    return Reaped(row.number, row.attempt, "failed"), over("failed", failure, why, now)


def requeue(connection: Connection, study: str, now: float) -> tuple[Reaped, ...]:
    """Puts every trial under way back, as a new attempt that costs no retry."""
    table = schema.trials
    rows = connection.execute(
        select(table.c.number, table.c.attempt)
        .where(table.c.study == study, table.c.state.in_(sorted(LEASED)))
        .order_by(table.c.number)
    ).all()
    end_attempts(connection, study, [(row.number, row.attempt) for row in rows], now)
    for number, attempt in rows:
        connection.execute(
            update(table)
            .where(table.c.study == study, table.c.number == number)
            .values(put_back(attempt + 1, now))
        )
    return tuple(Reaped(number, attempt + 1, "proposed") for number, attempt in rows)


def end_attempts(
    connection: Connection, study: str, attempts: Sequence[tuple[int, int]], now: float
) -> None:
    """Writes down when attempts were taken back: what they used counts until then."""
    if not attempts:
        return
    table = schema.attempts
    mine = and_(
        table.c.study == study,
        table.c.trial == bindparam("of_trial"),
        table.c.attempt == bindparam("of_attempt"),
        table.c.ended.is_(None),
    )
    connection.execute(
        update(table).where(mine).values(ended=now),
        [{"of_trial": trial, "of_attempt": attempt} for trial, attempt in attempts],
    )


def end_trials(
    connection: Connection, study: str, numbers: Iterable[int] | None, values: dict[str, Any]
) -> tuple[int, ...]:
    """Ends those of the trials that are under way, all where none are named; gives their numbers.

    Args:
        connection: of a transaction under the study's lock.
        study: its name.
        numbers: which; None for all.
        values: the columns of `over`.
    """
    table = schema.trials
    chosen = and_(table.c.study == study, table.c.state.in_(sorted(OUTSTANDING)))
    if numbers is not None:
        chosen &= table.c.number.in_(tuple(numbers))
    # Told by the statement itself: a report may come in beside it, and is first or second.
    ended = update(table).where(chosen).values(values)
    rows = connection.execute(ended.returning(table.c.number, table.c.attempt)).all()
    end_attempts(connection, study, [(r.number, r.attempt) for r in rows], values["finished"])
    return tuple(sorted(row.number for row in rows))


def over(state: str, failure: str | None, message: str, now: float) -> dict[str, Any]:
    """The columns of a trial that is over."""
    return {
        "state": state,
        "failure": failure,
        "message": message,
        "finished": now,
        "expires": None,
    }


def put_back(attempt: int, due: float) -> dict[str, Any]:
    """The columns of a trial that is put back as a new attempt."""
    return {
        "state": "proposed",
        "attempt": attempt,
        "requested": due,
        "started": None,
        "worker": None,
        "expires": None,
    }


def proposed_again(
    attempt: int, now: float, failure: str, retried: dict[str, int], retries: Retries
) -> dict[str, Any]:
    """The columns of a trial that is tried again after a failure, once its wait is over."""
    counted = retried | {failure: retried.get(failure, 0) + 1}
    due = now + retries.wait(retried)
    return put_back(attempt, due) | {"retried": json.dumps(counted, sort_keys=True)}
