"""The statements of an attempt's transitions, made once: building one takes longer than sending it.

Each names the attempt and the states that it starts from. Parameters: `s`tudy, `t`rial, `a`ttempt,
`w`orker, `until` when the lease runs out, `now`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    and_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from . import schema
from .trial import LEASED, TrialState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

TRIALS, ATTEMPTS = schema.trials, schema.attempts


def among(states: Iterable[TrialState]) -> ColumnElement[bool]:
    """States as part of the statement's text, which no parameter makes anew for each call."""
    return TRIALS.c.state.in_([literal_column(f"'{state}'") for state in sorted(states)])


OF_TRIAL = and_(TRIALS.c.study == bindparam("s"), TRIALS.c.number == bindparam("t"))
MINE = and_(OF_TRIAL, TRIALS.c.attempt == bindparam("a"))
HELD = and_(MINE, TRIALS.c.worker == bindparam("w"), among(LEASED))
TAKE = (
    update(TRIALS)
    .where(MINE, TRIALS.c.state == literal_column("'proposed'"))
    .values(state="reserved", worker=bindparam("w"), expires=bindparam("until"))
    .returning(TRIALS.c.point)
)
LEASED_COLUMNS = ("study", "trial", "attempt", "worker", "leased", "message", "seconds")
NEW: tuple[ColumnElement[Any], ...] = (
    bindparam("s", type_=ATTEMPTS.c.study.type),
    bindparam("t", type_=ATTEMPTS.c.trial.type),
    bindparam("a", type_=ATTEMPTS.c.attempt.type),
    bindparam("w", type_=ATTEMPTS.c.worker.type),
    bindparam("now", type_=ATTEMPTS.c.leased.type),
    literal_column("''"),
    literal_column("0.0"),
)
NOTE = ATTEMPTS.insert().from_select(
    [*LEASED_COLUMNS, "cpu_seconds"], select(*NEW, literal_column("0.0").label("cpu"))
)
TAKEN = TAKE.cte("taken")
NOTED = (
    ATTEMPTS.insert()
    .from_select(
        [*LEASED_COLUMNS, "cpu_seconds"],
        select(*NEW, literal_column("0.0").label("cpu")).select_from(TAKEN),
    )
    .cte("noted")
)
TAKE_AND_NOTE = select(TAKEN.c.point).add_cte(NOTED)
HOLDS = select(TRIALS.c.point, TRIALS.c.expires).where(HELD)
BEAT = update(TRIALS).where(HELD).values(expires=bindparam("until")).returning(TRIALS.c.stop)
BEAT_IN_PHASE = BEAT.values(
    state=bindparam("phase"), started=func.coalesce(TRIALS.c.started, bindparam("now"))
)
IS_AWAITED = select(TRIALS.c.number).where(
    MINE,
    TRIALS.c.worker == bindparam("w"),
    TRIALS.c.state == literal_column("'timed-out'"),
    select(schema.studies.c.name)
    .where(schema.studies.c.name == bindparam("s"), schema.studies.c.state != "completed")
    .exists(),
)
LOCK_TRIAL = (
    select(TRIALS.c.attempt, TRIALS.c.state, TRIALS.c.retried, TRIALS.c.stop, TRIALS.c.seconds)
    .where(OF_TRIAL)
    .with_for_update()
)
REPORTED = ("outcome", "failure", "message", "seconds", "cpu_seconds", "joules", "tail")
REPORT = (
    update(ATTEMPTS)
    .where(
        ATTEMPTS.c.study == bindparam("s"),
        ATTEMPTS.c.trial == bindparam("t"),
        ATTEMPTS.c.attempt == bindparam("a"),
        ATTEMPTS.c.reported.is_(None),
    )
    .values(
        reported=bindparam("now"),
        ended=bindparam("now"),
        **{name: bindparam(name) for name in REPORTED},
    )
)
METRICS = schema.metrics.insert()
SETTLE = (
    update(TRIALS)
    .where(MINE)
    .values(
        state=bindparam("to"),
        finished=bindparam("now"),
        expires=None,
        **{name: bindparam(name) for name in ("failure", "message", "seconds")},
    )
)
LATE = update(TRIALS).where(OF_TRIAL).values(seconds=bindparam("seconds"))
