"""Brings a store from one layout to another, up and down, in one transaction or not at all."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from omniforce.spec.problem import Problem

from . import faults, schema
from .layout import LOCK, known, newer, put_stamp

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from .database import Database

FAILED = "OFC757"
WOULD_LOSE = "OFC758"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a migration did.

    Attributes:
        before: the layout that the store had.
        after: the one that it has now; the same where nothing was to be done.
        copy: the file as it was before, beside a SQLite store that was changed.
        dropped: what the older layout could not hold, in words.
    """

    before: int
    after: int
    copy: Path | None = None
    dropped: tuple[str, ...] = ()


def upgrade(database: Database) -> Moved:
    """Brings an older store to this release's layout; one process does it, others wait for it.

    Raises:
        Problem: it is newer, or empty, or the migration fails; then nothing has changed.
    """
    with database.writing(lock=LOCK) as connection:
        before = _layout(database, connection)
        if before > schema.VERSION:
            raise newer(database, before)
        put_stamp(connection, before)
        if before == schema.VERSION:
            return Moved(before, before)
        copy = _copied(database, connection, before)
        _migrate(database, connection, before, schema.VERSION)
    log.info("the store `%s` went from layout %d to %d", database.place, before, schema.VERSION)
    return Moved(before, schema.VERSION, copy)


def downgrade(database: Database, to: int, *, drop: bool = False) -> Moved:
    """Brings a store back to an older layout, for a release that knows no newer one.

    Args:
        database: connected and not opened, since opening upgrades.
        to: the layout, from 1.
        drop: whether what that layout cannot hold may be lost.

    Raises:
        Problem: something would be lost, or the migration fails; then nothing has changed.
    """
    with database.writing(lock=LOCK) as connection:
        before = _layout(database, connection)
        if before > schema.VERSION:
            raise newer(database, before)
        put_stamp(connection, before)
        if before <= to:
            return Moved(before, before)
        dropped = _lost(connection, before, to)
        if dropped and not drop:
            raise Problem(
                WOULD_LOSE,
                f"layout {to} cannot hold all that the store `{database.place}` has: "
                + ", ".join(dropped),
                "keep a copy and add `--drop`, or stay with this release",
            )
        copy = _copied(database, connection, before)
        _migrate(database, connection, before, to)
    return Moved(before, to, copy, dropped)


def _layout(database: Database, connection: Connection) -> int:
    found = known(connection)
    if found is None:
        raise Problem(
            FAILED,
            f"there is no store in `{database.place}`",
            "see whether the URL is right; a store is made by whoever opens it first",
        )
    return found


def _migrate(database: Database, connection: Connection, before: int, to: int) -> None:
    from alembic import command

    config = config_for(connection)
    move = command.upgrade if to > before else command.downgrade
    try:
        move(config, str(to))
    except DBAPIError as error:
        if faults.is_explained(error):
            raise
        raise _failed(database, before, to, error) from error
    except Exception as error:  # whatever a revision meets in data that it did not expect
        raise _failed(database, before, to, error) from error


def _failed(database: Database, before: int, to: int, error: Exception) -> Problem:
    lines = str(error).strip().splitlines()
    cause = lines[0] if lines else type(error).__name__
    return Problem(
        FAILED,
        f"the store `{database.place}` cannot go from layout {before} to {to}: {cause}",
        "nothing was changed: use the release that wrote it, and report this",
    )


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration, for a connection that is in a transaction.

    Raises:
        Problem: Alembic is not installed.
    """
    try:
        from alembic.config import Config
    except ImportError as error:
        raise Problem(
            "OFC703",
            f"the module `alembic`, which changes a store's layout, cannot be used here: {error}",
            "pip install 'omniforce[functions]'",
        ) from error
    config = Config()
    place = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = schema.stamp.name
    return config


def _lost(connection: Connection, before: int, to: int) -> tuple[str, ...]:
    config = config_for()
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config)
    return tuple(
        words
        for revision in scripts.iterate_revisions(str(before), str(to))
        for words in revision.module.lost(connection)
    )


def _copied(database: Database, connection: Connection, layout: int) -> Path | None:
    """A copy of a SQLite file beside it; no other process can write while the lock is held."""
    if connection.dialect.name != "sqlite":
        return None
    file = next(
        (row.file for row in connection.exec_driver_sql("PRAGMA database_list") if row.seq == 0), ""
    )
    if not file:
        return None  # in memory
    copy = _free(Path(f"{file}.layout-{layout}"))
    partial = copy.with_name(f"{copy.name}.partial")
    try:
        # A connection of its own reads what was committed, whatever this transaction has begun.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        os.replace(partial, copy)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise Problem(
            FAILED,
            f"no copy of the store can be kept as `{copy}`, so it stays as it is: {error}",
            "give this user the right to write its directory, and see that the disk has room",
        ) from error
    return copy


def _free(copy: Path) -> Path:
    found, count = copy, 1
    while found.exists():
        count += 1
        found = copy.with_name(f"{copy.name}.{count}")
    return found
