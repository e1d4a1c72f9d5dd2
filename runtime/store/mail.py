"""Events in and out, within any transaction: to be sent, handled, refused by everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, select, update

from ..events import Event, from_text
from . import schema
from .columns import as_text
from .trial import DeadLetter

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_LONGEST_NAME = 500
_LONGEST_TYPE = 200


def unsent(
    connection: Connection, study: str, types: Sequence[str], limit: int
) -> tuple[Event, ...]:
    """Events of these types that are still to be sent, oldest first."""
    table = schema.outbox
    query = (
        select(table.c.event)
        .where(table.c.study == study, table.c.sent.is_(None), table.c.type.in_(tuple(types)))
        .order_by(table.c.position)
        .limit(limit)
    )
    return tuple(from_text(text) for (text,) in connection.execute(query))


def mark_sent(connection: Connection, ids: Sequence[str], now: float) -> None:
    """Remembers that events were taken by the broker."""
    table = schema.outbox
    mine = and_(table.c.id.in_(tuple(ids)), table.c.sent.is_(None))
    connection.execute(update(table).where(mine).values(sent=now))


def is_handled(connection: Connection, event: Event) -> bool:
    """Whether an event has had its effect already."""
    table = schema.events_in
    query = select(table.c.id).where(table.c.source == event.source, table.c.id == event.id)
    return connection.execute(query).first() is not None


def mark_handled(connection: Connection, study: str, event: Event, now: float) -> None:
    """Remembers that an event has had its effect; under the study's lock."""
    if not is_handled(connection, event):
        connection.execute(
            schema.events_in.insert().values(
                source=event.source, id=event.id, study=study, type=event.type, handled=now
            )
        )


def bury(connection: Connection, letter: DeadLetter) -> None:
    """Keeps a letter, its names cut to what fits: whoever wrote it kept to no rule."""
    table = schema.dead_letters
    letter = replace(
        letter,
        source=as_text(letter.source, _LONGEST_NAME),
        id=as_text(letter.id, _LONGEST_NAME),
        type=as_text(letter.type, _LONGEST_TYPE),
    )
    key = and_(table.c.source == letter.source, table.c.id == letter.id)
    if connection.execute(select(table.c.id).where(key)).first() is None:
        connection.execute(
            table.insert().values(
                source=letter.source,
                id=letter.id,
                type=letter.type,
                cause=letter.cause,
                event=letter.event,
                received=letter.received,
            )
        )


def dead_letters(connection: Connection) -> tuple[DeadLetter, ...]:
    """The events that nobody would take, oldest first."""
    table = schema.dead_letters
    rows = connection.execute(select(table).order_by(table.c.received, table.c.id))
    return tuple(
        DeadLetter(row.source, row.id, row.type, row.cause, row.event, row.received) for row in rows
    )
