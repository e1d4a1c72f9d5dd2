"""What only the holder of a study's lock may do: propose, reap, end a round, end the study."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select, update

from omniforce.spec.space import Assignment

from ..events import Event, to_text
from ..retries import Retries
from ..telemetry.tracing import traced
from . import reaping, schema
from .recall import all_trials
from .rows import study_of, trials_of
from .trial import OUTSTANDING, EndReason, Origin, Reaped, StudyRecord, Trial, Usage

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Times:
    """How long completed trials took, in seconds: their number, sum, and sum of squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0


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
        return all_trials(self.connection, self.name)

    def trial(self, number: int) -> Trial | None:
        """One trial, or None."""
        found = trials_of(self.connection, self.name, schema.trials.c.number == number)
        return found[0] if found else None

    def outstanding(self) -> tuple[Trial, ...]:
        """The trials that are still to come."""
        return trials_of(self.connection, self.name, schema.trials.c.state.in_(sorted(OUTSTANDING)))

    def recent(self, most: int) -> tuple[Trial, ...]:
        """The latest completed trials that count, oldest first; about `most` of them."""
        table = schema.trials
        done = and_(table.c.state == "completed", table.c.fate != "invalidated")
        query = select(table.c.number).where(table.c.study == self.name, done)
        last = query.order_by(table.c.number.desc()).limit(most)
        numbers = self.connection.execute(last).scalars().all()
        if not numbers:
            return ()
        return trials_of(self.connection, self.name, and_(done, table.c.number >= min(numbers)))

    def spent_trials(self) -> int:
        """How many trials count against the budget: not those of another study or question."""
        table = schema.trials
        query = select(func.count()).where(
            table.c.study == self.name, table.c.origin != "import", table.c.fate != "invalidated"
        )
        return self.connection.execute(query).scalar_one()

    def times(self) -> Times:
        """How long the completed trials took."""
        table = schema.trials
        took = table.c.finished - table.c.started
        query = select(func.count(), func.sum(took), func.sum(took * took)).where(
            table.c.study == self.name,
            table.c.state == "completed",
            table.c.started.is_not(None),
            table.c.finished.is_not(None),
        )
        count, total, squares = self.connection.execute(query).one()
        return Times(count, total or 0.0, squares or 0.0)

    def usage(self, now: float) -> Usage:
        """What the attempts have used by now; each counts until it was reported or taken back."""
        table = schema.attempts
        took = case(
            (table.c.reported.is_not(None), table.c.seconds),
            else_=func.coalesce(table.c.ended, now) - table.c.leased,
        )
        unmeasured = case((table.c.joules.is_(None), took), else_=0.0)
        query = select(func.sum(took), func.sum(table.c.joules), func.sum(unmeasured))
        row = self.connection.execute(query.where(table.c.study == self.name)).one()
        return Usage(*(value or 0.0 for value in row))

    def propose(
        self, points: Sequence[Assignment], now: float, origin: Origin = "strategy"
    ) -> tuple[int, ...]:
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
        studies = schema.studies
        query = select(studies.c.revision).where(studies.c.name == self.name)
        revision = self.connection.execute(query).scalar_one_or_none() or 1
        self.connection.execute(
            table.insert(),
            [
                {
                    "study": self.name,
                    "number": n,
                    "round": round_ + 1,
                    "attempt": 1,
                    "state": "proposed",
                    "point": json.dumps(dict(point)),
                    "proposed": now,
                    "requested": now,
                    "seconds": 0.0,
                    "message": "",
                    "origin": origin,
                    "revision": revision,
                }
                for n, point in zip(numbers, points, strict=True)
            ],
        )
        return numbers

    def reap(
        self, now: float, *, retries: Retries, timeout: float, patience: float | None
    ) -> tuple[Reaped, ...]:
        """Takes back what died: leases that ran out, requests that nobody took, what hangs.

        A trial that had its whole time is `timed-out`, another has `failed` as `lost-worker`,
        unless `retries` let it be proposed again as a new attempt. `timeout` is what one attempt
        may take and `patience` the time in which a request must be taken, both in seconds.
        """
        return reaping.reap(
            self.connection, self.name, now, retries=retries, timeout=timeout, patience=patience
        )

    def requeue(self, now: float) -> tuple[Reaped, ...]:
        """Puts every trial under way back, as a new attempt that costs no retry.

        For a runner that knows that neither workers nor a searcher live, such as one that starts
        again: the searcher's lease is free too.
        """
        studies = schema.studies
        self.connection.execute(
            update(studies).where(studies.c.name == self.name).values(thinking_until=None)
        )
        return reaping.requeue(self.connection, self.name, now)

    def time_out(self, numbers: Iterable[int], now: float) -> None:
        """Ends the wait for trials that take too long; their results may still come in."""
        gone = reaping.over("timed-out", "timeout", "the round went on without it", now)
        reaping.end_trials(self.connection, self.name, numbers, gone)

    def cancel(self, numbers: Iterable[int], why: str, now: float) -> tuple[int, ...]:
        """Ends trials that nobody wants any longer; gives those that were under way."""
        gone = reaping.over("cancelled", None, why, now)
        return reaping.end_trials(self.connection, self.name, numbers, gone)

    def complete(self, reason: EndReason, now: float) -> None:
        """Ends the study; what is still under way is `cancelled`."""
        gone = reaping.over("cancelled", None, f"the study ended: {reason}", now)
        reaping.end_trials(self.connection, self.name, None, gone)
        self.change(state="completed", reason=reason, finished=now, thinking_until=None)

    def change(self, **values: str | float | None) -> None:
        """Sets columns of the study."""
        studies = schema.studies
        self.connection.execute(update(studies).where(studies.c.name == self.name).values(values))

    def change_trial(self, number: int, **values: str | float | None) -> None:
        """Sets columns of a trial."""
        table = schema.trials
        mine = and_(table.c.study == self.name, table.c.number == number)
        self.connection.execute(update(table).where(mine).values(values))

    def note(self, actor: str, action: str, detail: Mapping[str, object], now: float) -> int:
        """Writes down who did what; gives its position among all that was done."""
        written = self.connection.execute(
            schema.actions.insert().values(
                study=self.name,
                at=now,
                actor=actor,
                action=action,
                detail=json.dumps(detail, sort_keys=True),
            )
        )
        key = written.inserted_primary_key
        return 0 if key is None else key[0]

    def programs(self) -> dict[int, str]:
        """The study's programs as JSON text, by revision."""
        table = schema.revisions
        query = select(table.c.revision, table.c.program).where(table.c.study == self.name)
        rows = self.connection.execute(query.order_by(table.c.revision))
        return {row.revision: row.program for row in rows}

    def add_revision(self, digest: str, program: str, now: float) -> int:
        """Makes a program the study's own; gives the number of the revision."""
        table = schema.revisions
        query = select(func.max(table.c.revision)).where(table.c.study == self.name)
        number = (self.connection.execute(query).scalar_one() or 0) + 1
        self.connection.execute(
            table.insert().values(
                study=self.name, revision=number, digest=digest, program=program, since=now
            )
        )
        self.change(digest=digest, program=program, revision=number)
        return number

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
    """Leaves events in the outbox, within any transaction; those that are there stay."""
    table = schema.outbox
    new = {event.id: traced(event) for event in events}
    if not new:
        return
    known = select(table.c.id).where(table.c.id.in_(tuple(new)))
    for (there,) in connection.execute(known).all():
        del new[there]
    if new:
        connection.execute(
            table.insert(),
            [
                {"study": study, "id": e.id, "type": e.type, "event": to_text(e), "created": now}
                for e in new.values()
            ],
        )
