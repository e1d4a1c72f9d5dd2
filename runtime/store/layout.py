"""Which layout a database has; a store is brought to this release's as it is opened.

One statement tells, as a rule. An empty database gets the tables at once; an older layout goes
through `migrating`, which brings Alembic; a newer one is left alone.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from omniforce.spec.problem import Problem

from . import faults, schema

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from .database import Database

LOCK = "omniforce: the tables"
"""Held by whoever makes or changes tables."""


def prepare(database: Database) -> None:
    """Makes the tables where there are none, and upgrades older ones.

    Raises:
        Problem: the database cannot be used, or is of a newer layout.
    """
    found = stamped(database)
    if found is None:
        found = _made(database)
    if found > schema.VERSION:
        raise newer(database, found)
    if found < schema.VERSION:
        from .migrating import upgrade

        upgrade(database)


def stamped(database: Database) -> int | None:
    """The layout that the database's stamp names; None where it has no stamp."""
    with database.reading() as connection:
        try:
            return _stamp(connection)
        except DBAPIError as error:
            if not _lacks_table(error):
                raise
            return None


def known(connection: Connection) -> int | None:
    """The layout, also of a store from before stamps; None where there are no tables of ours."""
    tables = inspect(connection)
    found = _stamp(connection) if tables.has_table(schema.stamp.name) else None
    if found is None and tables.has_table(schema.version.name):
        found = connection.execute(select(schema.version.c.version)).scalar_one_or_none()
    return found


def put_stamp(connection: Connection, layout: int) -> None:
    """Stamps a database that has none."""
    schema.stamps.create_all(connection)
    if _stamp(connection) is None:
        connection.execute(schema.stamp.insert().values(version_num=str(layout)))


def newer(database: Database, found: int) -> Problem:
    """What to say of a layout that this release does not know."""
    return Problem(
        faults.NEWER,
        f"the store `{database.place}` has layout {found}, this release knows {schema.VERSION}",
        "use the release that wrote it, or a newer one",
    )


def _made(database: Database) -> int:
    with database.writing(lock=LOCK) as connection:
        found = known(connection)
        if found is None:
            found = schema.VERSION
            schema.metadata.create_all(connection)
            connection.execute(schema.version.insert().values(version=found))
        if found <= schema.VERSION:
            put_stamp(connection, found)
    return found


def _stamp(connection: Connection) -> int | None:
    found = connection.execute(select(schema.stamp.c.version_num)).scalar_one_or_none()
    return None if found is None else int(found)


def _lacks_table(error: DBAPIError) -> bool:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return getattr(original, "sqlstate", None) == "42P01"
