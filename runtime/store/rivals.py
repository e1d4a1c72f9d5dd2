"""What a trial's reports are held against: one figure of the others, by attempt that counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import and_, select, update

from . import schema
from .trial import LEASED, TrialState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_AT_ONCE = 500  # trials in one statement

Rival = tuple[int, TrialState]
"""Its attempt that counts, and how it stands."""

Told = tuple[tuple[int, ...], tuple[float, ...]]
"""Steps, growing, and the figure at each."""


def rivals(connection: Connection, study: str, most: int) -> dict[int, Rival]:
    """Attempt and state of the trials under way and of the latest completed ones that count."""
    table = schema.trials
    mine = and_(table.c.study == study, table.c.fate != "invalidated")
    columns = (table.c.number, table.c.attempt, table.c.state)
    out = select(*columns).where(mine, table.c.state.in_(sorted(LEASED)))
    done = select(*columns).where(mine, table.c.state == "completed")
    latest = done.order_by(table.c.number.desc()).limit(most)
    rows = [*connection.execute(out), *connection.execute(latest)]
    return {row.number: (row.attempt, row.state) for row in rows}


def told(
    connection: Connection, study: str, key: str, attempts: Collection[tuple[int, int]]
) -> dict[int, Told]:
    """One figure of some trials, each by its number and attempt, as far as it was reported."""
    table, found = schema.reports, dict[int, tuple[list[int], list[float]]]()
    wanted = dict(attempts)
    numbers = sorted(wanted)
    for first in range(0, len(numbers), _AT_ONCE):
        query = select(table.c.trial, table.c.attempt, table.c.step, table.c.value).where(
            table.c.study == study,
            table.c.key == key,
            table.c.trial.in_(numbers[first : first + _AT_ONCE]),
        )
        for row in connection.execute(query.order_by(table.c.trial, table.c.step)):
            if wanted[row.trial] == row.attempt:
                steps, values = found.setdefault(row.trial, ([], []))
                steps.append(row.step)
                values.append(row.value)
    return {number: (tuple(steps), tuple(values)) for number, (steps, values) in found.items()}


def end_early(connection: Connection, study: str, trial: int, attempt: int, now: float) -> bool:
    """Asks an attempt under way to end early; False if it was asked before, or is over."""
    table = schema.trials
    mine = and_(
        table.c.study == study,
        table.c.number == trial,
        table.c.attempt == attempt,
        table.c.state.in_(("reserved", "running")),
        table.c.stop.is_(None),
    )
    return connection.execute(update(table).where(mine).values(stop=now)).rowcount == 1
