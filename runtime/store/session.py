"""What only the holder of a study's lock may do: propose, reap, end a round, end the study."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select, update

from omniforce.spec.space import Assignment

from ..events import Event, to_text
from . import schema
from .rows import study_of, trials_of
from .trial import LEASED, OUTSTANDING, EndReason, Reaped, StudyRecord, Trial

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

GRACE_SECONDS = 60.0
"""What an attempt gets beyond its timeout, for its worker to end it and to say so."""


@dataclass(frozen=True, slots=True)
class Session:
    """One transaction under a study's lock; all of it happens, or nothing."""

    connection: Connection
    name: str

    def study(self) -> StudyRecord | None:
        """The study as it stands."""
        return study_of(self.connection, self.name)

    def trials(self) -> tuple[Trial, ...]:
        """All trials, in order of their number."""
        return trials_of(self.connection, self.name)

    def propose(self, points: Sequence[Assignment], now: float) -> tuple[int, ...]:
        """Adds trials as the study's next round; gives their numbers."""
        table = schema.trials
        last = self.connection.execute(
            select(func.max(table.c.number), func.max(table.c.round)).where(
                table.c.study == self.name
            )
        ).one()
        number, round_ = (-1 if value is None else value for value in last)
        numbers = tuple(range(number + 1, number + 1 + len(points)))
        if not numbers:
            return ()
        self.connection.execute(
            table.insert(),
            [
                {
                    "study": self.name,
                    "number": n,
                    "round": round_ + 1,
                    "attempt": 1,
                    "losses": 0,
                    "state": "proposed",
                    "point": json.dumps(dict(point)),
                    "proposed": now,
                    "requested": now,
                    "seconds": 0.0,
                    "message": "",
                }
                for n, point in zip(numbers, points, strict=True)
            ],
        )
        return numbers

    def reap(
        self, now: float, *, retries: int, timeout: float, patience: float | None
    ) -> tuple[Reaped, ...]:
        """Takes back what died: leases that ran out, requests that nobody took, what hangs.

        A trial that had its whole time is `timed-out`. Another is proposed again as a new
        attempt, at most `retries` times, and then has `failed` as `lost-worker`. `timeout` is
        what one attempt may take and `patience` the time in which a request must be taken, both
        in seconds.
        """
        table = schema.trials
        rows = self.connection.execute(
            select(table)
            .where(table.c.study == self.name, table.c.state.in_(sorted(OUTSTANDING)))
            .order_by(table.c.number)
        ).all()
        reaped: list[Reaped] = []
        for row in rows:
            if row.state == "proposed":
                lost = patience is not None and row.requested + patience <= now
                why = "no worker took it in time"
            else:
                lost = row.expires is not None and row.expires <= now
                why = "its worker died in silence"
            late = row.started is not None and row.started + timeout <= now
            hung = row.started is not None and row.started + timeout + GRACE_SECONDS <= now
            if not (lost or hung):
                continue
            if late:
                outcome = Reaped(row.number, row.attempt, "timed-out")
                values = _over("timed-out", "timeout", f"not over after {timeout:g} s", now)
            elif row.losses >= retries:
                outcome = Reaped(row.number, row.attempt, "failed")
                values = _over("failed", "lost-worker", why, now)
            else:
                outcome = Reaped(row.number, row.attempt + 1, "proposed")
                values = proposed_again(row.attempt + 1, now) | {"losses": row.losses + 1}
            # A heartbeat or a report may come in beside this: whoever is first has it.
            same = and_(
                table.c.study == self.name,
                table.c.number == row.number,
                table.c.attempt == row.attempt,
                table.c.state == row.state,
                table.c.expires.is_not_distinct_from(row.expires),
            )
            if self.connection.execute(update(table).where(same).values(values)).rowcount:
                reaped.append(outcome)
        return tuple(reaped)

    def requeue(self, now: float) -> tuple[Reaped, ...]:
        """Puts every trial under way back, as a new attempt that costs no retry.

        For a runner that knows that neither workers nor a searcher live, such as one that starts
        again: the searcher's lease is free too.
        """
        table, studies = schema.trials, schema.studies
        self.connection.execute(
            update(studies).where(studies.c.name == self.name).values(thinking_until=None)
        )
        rows = self.connection.execute(
            select(table.c.number, table.c.attempt)
            .where(table.c.study == self.name, table.c.state.in_(sorted(LEASED)))
            .order_by(table.c.number)
        ).all()
        for number, attempt in rows:
            self.connection.execute(
                update(table)
                .where(table.c.study == self.name, table.c.number == number)
                .values(proposed_again(attempt + 1, now))
            )
        return tuple(Reaped(number, attempt + 1, "proposed") for number, attempt in rows)

    def time_out(self, numbers: Iterable[int], now: float) -> None:
        """Ends the wait for trials that take too long; their results may still come in."""
        table = schema.trials
        self.connection.execute(
            update(table)
            .where(
                table.c.study == self.name,
                table.c.number.in_(tuple(numbers)),
                table.c.state.in_(sorted(OUTSTANDING)),
            )
            .values(_over("timed-out", "timeout", "the round went on without it", now))
        )

    def complete(self, reason: EndReason, now: float) -> None:
        """Ends the study; what is still under way is `cancelled`."""
        trials = schema.trials
        self.connection.execute(
            update(trials)
            .where(trials.c.study == self.name, trials.c.state.in_(sorted(OUTSTANDING)))
            .values(_over("cancelled", None, f"the study ended: {reason}", now))
        )
        studies = schema.studies
        self.connection.execute(
            update(studies)
            .where(studies.c.name == self.name)
            .values(state="completed", reason=reason, finished=now, thinking_until=None)
        )

    def start_thinking(self, now: float, seconds: float) -> int | None:
        """Takes the searcher's lease: a fencing token, or None while another searcher thinks."""
        table = schema.studies
        row = self.connection.execute(
            select(table.c.token, table.c.thinking_until).where(table.c.name == self.name)
        ).one()
        if row.thinking_until is not None and row.thinking_until > now:
            return None
        token: int = row.token + 1
        self.connection.execute(
            update(table)
            .where(table.c.name == self.name)
            .values(token=token, thinking_until=now + seconds)
        )
        return token

    def stop_thinking(self, token: int) -> bool:
        """Gives the searcher's lease back; False if it went to another, whose word then counts."""
        table = schema.studies
        mine = and_(
            table.c.name == self.name, table.c.token == token, table.c.thinking_until.is_not(None)
        )
        statement = update(table).where(mine).values(thinking_until=None)
        return self.connection.execute(statement).rowcount == 1

    def put(self, events: Iterable[Event], now: float) -> None:
        """Leaves events in the outbox; one whose id is there already is the same event."""
        put(self.connection, self.name, events, now)

    def put_again(self, events: Iterable[Event], now: float) -> None:
        """Leaves events in the outbox, also those that were sent before."""
        table = schema.outbox
        for event in events:
            statement = update(table).where(table.c.id == event.id).values(sent=None)
            if not self.connection.execute(statement).rowcount:
                self.put([event], now)

    def drop_unsent(self, type: str, before: float, now: float) -> None:
        """Marks events of one type as sent that have lain there since `before`."""
        table = schema.outbox
        self.connection.execute(
            update(table)
            .where(table.c.study == self.name, table.c.type == type)
            .where(table.c.sent.is_(None), table.c.created <= before)
            .values(sent=now)
        )


def put(connection: Connection, study: str, events: Iterable[Event], now: float) -> None:
    """Leaves events in the outbox, within any transaction."""
    table = schema.outbox
    for event in events:
        known = select(table.c.position).where(table.c.id == event.id)
        if connection.execute(known).first() is None:
            connection.execute(
                table.insert().values(
                    study=study, id=event.id, type=event.type, event=to_text(event), created=now
                )
            )


def _over(
    state: str, failure: str | None, message: str, now: float
) -> dict[str, str | float | None]:
    return {
        "state": state,
        "failure": failure,
        "message": message,
        "finished": now,
        "expires": None,
    }


def proposed_again(attempt: int, now: float) -> dict[str, str | float | None]:
    """The columns of a trial that is put back as a new attempt."""
    return {
        "state": "proposed",
        "attempt": attempt,
        "requested": now,
        "started": None,
        "worker": None,
        "expires": None,
    }
