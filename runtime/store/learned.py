"""What a study learns from past ones: chosen once, kept as it was then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from . import schema

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Learned:
    """Past studies of one study.

    Attributes:
        asked: what its spec said when they were chosen.
        studies: with their trials, as JSON text.
    """

    asked: str
    studies: str


def learned(connection: Connection, study: str) -> Learned | None:
    """What a study learns from; None where nothing was chosen yet."""
    table = schema.past
    query = select(table.c.asked, table.c.studies).where(table.c.study == study)
    row = connection.execute(query).one_or_none()
    return None if row is None else Learned(row.asked, row.studies)


def keep(connection: Connection, study: str, chosen: Learned, now: float) -> Learned:
    """Keeps a choice; the one that is there already stays, where the same was asked."""
    before = learned(connection, study)
    if before is not None and before.asked == chosen.asked:
        return before
    table = schema.past
    connection.execute(delete(table).where(table.c.study == study))
    connection.execute(
        table.insert().values(study=study, asked=chosen.asked, studies=chosen.studies, since=now)
    )
    return chosen
