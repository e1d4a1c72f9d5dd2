"""Figures that trials push while they run: bounded, each once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from . import schema
from .attempts import LONGEST_KEY
from .columns import as_text
from .trial import LEASED, CurvePoint, Point

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

MOST_POINTS = 10_000
"""Rows of one attempt; a curve with more says nothing more."""

_FARTHEST = 2**63
_AT_ONCE = 500  # keys in one statement


def record(
    connection: Connection,
    study: str,
    trial: int,
    attempt: int,
    worker: str,
    points: Sequence[Point],
    now: float,
) -> int:
    """Keeps what the holder of an attempt's lease pushes; see `Store.record`."""
    trials, table = schema.trials, schema.reports
    held = select(trials.c.number).where(
        trials.c.study == study,
        trials.c.number == trial,
        trials.c.attempt == attempt,
        trials.c.worker == worker,
        trials.c.state.in_(sorted(LEASED | {"timed-out"})),
    )
    if connection.execute(held).first() is None:
        return 0
    mine = and_(table.c.study == study, table.c.trial == trial, table.c.attempt == attempt)
    count = connection.execute(select(func.count()).select_from(table).where(mine)).scalar_one()
    new = {
        (as_text(p.key, LONGEST_KEY), p.step): p.value
        for p in points
        if math.isfinite(p.value) and -_FARTHEST <= p.step < _FARTHEST
    }
    steps = sorted({step for _, step in new})
    for first in range(0, len(steps), _AT_ONCE):
        some = steps[first : first + _AT_ONCE]
        known = select(table.c.key, table.c.step).where(mine, table.c.step.in_(some))
        for key, step in connection.execute(known).all():
            new.pop((key, step), None)
    kept = sorted(new.items())[: max(0, MOST_POINTS - count)]
    if kept:
        connection.execute(
            table.insert(),
            [
                {
                    "study": study,
                    "trial": trial,
                    "attempt": attempt,
                    "key": key,
                    "step": step,
                    "value": value,
                    "at": now,
                }
                for (key, step), value in kept
            ],
        )
    return len(kept)


def curve(
    connection: Connection, study: str, trial: int | None, key: str | None
) -> tuple[CurvePoint, ...]:
    """What was pushed, by trial, attempt, key and step."""
    table = schema.reports
    query = select(table).where(table.c.study == study)
    if trial is not None:
        query = query.where(table.c.trial == trial)
    if key is not None:
        query = query.where(table.c.key == key)
    order = (table.c.trial, table.c.attempt, table.c.key, table.c.step)
    return tuple(
        CurvePoint(row.trial, row.attempt, row.key, row.step, row.value, row.at)
        for row in connection.execute(query.order_by(*order))
    )
