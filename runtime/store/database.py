"""One database: SQLite here, PostgreSQL in a cluster, with the same three kinds of access.

Read, write, and write under a study's lock. SQLite has one writer at a time anyway, so there the
lock is the write transaction itself; on PostgreSQL it is an advisory lock that ends with its
transaction, and so with its process (demand 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from omniforce.spec.problem import Problem

from . import faults, schema

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

LOCK_SECONDS = 20.0
"""How long a transaction waits for another's lock; every one of ours lasts milliseconds."""

_IMMEDIATE = "ofc_immediate"


@dataclass(frozen=True, slots=True)
class Database:
    """An open database.

    Attributes:
        place: what messages call it; without a password.
        patience: seconds that a transaction waits for another's lock.
    """

    engine: Engine
    place: str
    patience: float = LOCK_SECONDS

    @classmethod
    def open(cls, address: str, patience: float = LOCK_SECONDS) -> Database:
        """Opens it, and makes the tables where there are none.

        Args:
            address: `sqlite:////path/to/study.db` or `postgresql://user:password@host/name`.
            patience: seconds that a transaction waits for another's lock.

        Raises:
            Problem: it cannot be used.
        """
        url = _url(address)
        place = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
        database = cls(_engine(url, patience), place, patience)
        try:
            database._prepare()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One snapshot, nothing written."""
        with faults.explained(self.place), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, lock: str | None = None) -> Generator[Connection]:
        """One transaction: committed at the end of the block, undone by any error in it.

        Args:
            lock: the study whose lock is held to the end.
        """
        with faults.explained(self.place), self.engine.connect() as plain:
            connection = plain.execution_options(**{_IMMEDIATE: True})
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    wait = f"SET LOCAL lock_timeout = '{int(self.patience * 1000)}ms'"
                    connection.execute(text(wait))
                    if lock is not None:
                        key = {"key": _lock_key(lock)}
                        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), key)
                yield connection

    def _prepare(self) -> None:
        with self.reading() as connection:
            found = _version(connection)
        if found is None:
            with self.writing(lock="omniforce: the tables") as connection:
                schema.metadata.create_all(connection)
                found = _version(connection)
                if found is None:
                    found = schema.VERSION
                    connection.execute(schema.version.insert().values(version=found))
        if found > schema.VERSION:
            raise Problem(
                faults.NEWER,
                f"the store `{self.place}` has layout {found}, this release knows {schema.VERSION}",
                "use the release that wrote it, or a newer one",
            )


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema.version.name):
        return None
    return connection.execute(select(schema.version.c.version)).scalar_one_or_none()


def _lock_key(name: str) -> int:
    """The 64 bits by which PostgreSQL knows a lock; 1 in 10^13 for a clash among 1000 studies."""
    digest = hashlib.sha256(f"omniforce/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _url(address: str) -> URL:
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


def _engine(url: URL, patience: float) -> Engine:
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
    return create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_size=2)


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
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
