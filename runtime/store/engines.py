"""Connections to a database, set up as the store needs them."""

from __future__ import annotations

import math
import time
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from omniforce.spec.problem import Problem

from . import faults

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

IMMEDIATE = "ofc_immediate"
"""The option of a connection whose transactions write: SQLite lets them wait in line."""

POOLED = 5
"""Connections to PostgreSQL that a process keeps; it opens them as it needs them."""

LAY_SECONDS = 1.0
"""A pooled connection that nobody used for so long is asked whether it lives."""

_SINCE = "ofc_since"


def url_of(address: str) -> URL:
    """The address as SQLAlchemy takes it.

    Raises:
        Problem: it is none, or of a database that is no store.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise Problem(
            faults.UNREACHABLE,
            "the store's URL cannot be read",
            "write `postgresql://user:password@host:5432/name` or `sqlite:////path/to/study.db`",
        ) from error
    match url.get_backend_name():
        case "sqlite":
            return url
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise Problem(
                faults.UNREACHABLE,
                f"the store's URL begins with `{other}`, which is no store",
                "write `postgresql://...` or `sqlite:///...`",
            )


def engine_of(url: URL, patience: float) -> Engine:
    """What gives connections, each of which waits at most `patience` seconds for a lock.

    Raises:
        Problem: the driver is not installed.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": patience})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        import_module("psycopg")
    except ImportError as error:
        raise Problem(
            "OFC703",
            f"the module `psycopg` cannot be used here: {error}",
            "pip install 'omniforce[functions]'",
        ) from error
    arguments = {"connect_timeout": 5, "application_name": "omniforce", "client_encoding": "utf8"}
    engine = create_engine(url, connect_args=arguments, pool_size=POOLED, pool_timeout=patience)
    wait = f"SET lock_timeout = '{int(patience * 1000)}ms'"

    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.cursor().execute(wait)
        connection.commit()

    def returned(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_SINCE] = time.monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        # One that lay for a while may have been cut; one in use pays nothing for the question.
        if time.monotonic() - entry.info.get(_SINCE, math.inf) > LAY_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    event.listen(engine, "connect", set_up)
    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin deferred, at the first write, too late to wait in line.
    connection.isolation_level = None
    cursor = connection.cursor()
    mode = cursor.execute("PRAGMA journal_mode").fetchone()
    if mode != ("wal",):
        cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: in WAL, NORMAL may forget the last commits when the power fails.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
