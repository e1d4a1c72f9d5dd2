"""A trained trial goes over to whoever measures it: its model, its lease, and the news of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select, update

from ..events import Event
from . import schema
from .session import put
from .store import Store
from .trial import Lease

MEASURER = "measure"
"""Who holds the lease of a trial that is being measured."""


def hand_over(
    store: Store, lease: Lease, seconds: float, now: float, events: Iterable[Event]
) -> bool:
    """Gives an attempt's lease to the measurer for some seconds, with the events that tell of it.

    Returns:
        Whether the measurer has it; also where this was done before. False where it is no longer
        the worker's to give.
    """
    table = schema.trials
    mine = and_(
        table.c.study == lease.study,
        table.c.number == lease.trial,
        table.c.attempt == lease.attempt,
        table.c.worker == lease.worker,
        table.c.state.in_(("reserved", "running", "measuring")),
    )
    given = update(table).where(mine)
    given = given.values(state="measuring", worker=MEASURER, expires=now + seconds)
    with store.database.writing(lock=lease.study) as connection:
        if connection.execute(given).rowcount:
            put(connection, lease.study, events, now)
            return True
    return is_measuring(store, lease.study, lease.trial, lease.attempt)


def is_measuring(store: Store, study: str, trial: int, attempt: int) -> bool:
    """Whether the measurer has this attempt."""
    table = schema.trials
    held = and_(
        table.c.study == study,
        table.c.number == trial,
        table.c.attempt == attempt,
        table.c.state == "measuring",
        table.c.worker == MEASURER,
    )
    with store.database.reading() as connection:
        return connection.execute(select(table.c.number).where(held)).first() is not None
