"""Looks whether a store is whole: its layout, its tables, and rows that belong to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from . import layout, schema

if TYPE_CHECKING:
    from sqlalchemy import Select, Table
    from sqlalchemy.engine import Connection

    from .database import Database


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say of a store.

    Attributes:
        layout: of its tables; None where there are none.
        rows: how many, by table.
        findings: what is not as it should be, in words; empty for a store that is whole.
    """

    layout: int | None
    rows: tuple[tuple[str, int], ...] = ()
    findings: tuple[str, ...] = ()


def check(database: Database) -> Checked:
    """Looks, and changes nothing; the tables of this release's layout only.

    Raises:
        Problem: the database cannot be used.
    """
    with database.reading() as connection:
        found = layout.known(connection)
        if found != schema.VERSION:
            return Checked(found)
        findings = [*_of_the_file(connection), *_of_the_tables(connection)]
        if not findings:
            findings = [*_orphans(connection)]
        return Checked(found, _counted(connection), tuple(findings))


def _counted(connection: Connection) -> tuple[tuple[str, int], ...]:
    found: list[tuple[str, int]] = []
    for table in schema.metadata.sorted_tables:
        try:
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
        except DBAPIError:
            continue  # it is missing, which is a finding of its own
        found.append((table.name, count))
    return tuple(sorted(found))


def _of_the_file(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    told = connection.execute(text("PRAGMA quick_check")).scalars().all()
    return [] if list(told) == ["ok"] else [f"the file: {line}" for line in told[:10]]


def _of_the_tables(connection: Connection) -> list[str]:
    """How the tables differ from those of this release, as Alembic sees it."""
    from .migrating import config_for

    config_for()  # says what to install where Alembic is missing
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def is_ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or (name or "").startswith("ofc_")

    context = MigrationContext.configure(
        connection, opts={"version_table": schema.stamp.name, "include_name": is_ours}
    )
    return [f"the tables: {_said(change)}" for change in compare_metadata(context, schema.metadata)]


def _said(change: object) -> str:
    if isinstance(change, list):
        return ", ".join(_said(each) for each in change)
    if not isinstance(change, tuple):
        return str(change)
    kind, *what = change
    names = [
        each if isinstance(each, str) else str(getattr(each, "name", ""))
        for each in what
        if isinstance(each, str) or getattr(each, "name", None)
    ]
    return f"{str(kind).replace('_', ' ')} {'.'.join(names)}".strip()


def _orphans(connection: Connection) -> list[str]:
    """Rows of trials, or of studies, that are not there."""
    studies, trials = schema.studies, schema.trials
    found: list[str] = []
    owned = (schema.trials, schema.revisions, schema.actions)
    for table in owned:
        lost = ~select(studies.c.name).where(studies.c.name == table.c.study).exists()
        found += _lost(
            connection, table, select(func.count()).select_from(table).where(lost), "study"
        )
    for table in (schema.attempts, schema.metrics, schema.reports, schema.artifacts):
        mine = select(trials.c.number).where(
            trials.c.study == table.c.study, trials.c.number == table.c.trial
        )
        query = select(func.count()).select_from(table).where(~mine.exists())
        found += _lost(connection, table, query, "trial")
    return found


def _lost(connection: Connection, table: Table, query: Select[int], owner: str) -> list[str]:
    count = connection.execute(query).scalar_one()
    return [f"{count} rows of `{table.name}` belong to no {owner}"] if count else []
