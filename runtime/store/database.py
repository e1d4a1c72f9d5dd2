"""One database: SQLite here, PostgreSQL in a cluster, with the same three kinds of access.

Read, write, and write under a study's lock. SQLite has one writer at a time anyway, so there the
lock is the write transaction itself; on PostgreSQL it is an advisory lock that ends with its
transaction, and so with its process (demand 3).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from omniforce.spec.problem import Problem

from ..fault_points import reach
from . import faults, layout
from .server_clock import ServerClock

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

LOCK_SECONDS = 20.0
"""How long a transaction waits for another's lock; every one of ours lasts milliseconds."""

_IMMEDIATE = "ofc_immediate"

# One round trip each. PostgreSQL works a select list off from the left.
_WAITING = text("SELECT set_config('lock_timeout', :wait, true)")
_LOCKED = text("SELECT set_config('lock_timeout', :wait, true), pg_advisory_xact_lock(:key)")


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
    server_clock: ServerClock = field(default_factory=ServerClock, compare=False)

    @classmethod
    def open(cls, address: str, patience: float = LOCK_SECONDS) -> Database:
        """Opens it, and brings its tables to this release's layout.

        Args:
            address: `sqlite:////path/to/study.db` or `postgresql://user:password@host/name`.
            patience: seconds that a transaction waits for another's lock.

        Raises:
            Problem: it cannot be used.
        """
        database = cls.connect(address, patience)
        try:
            layout.prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def connect(cls, address: str, patience: float = LOCK_SECONDS) -> Database:
        """The same, with the tables as they are, or none.

        Raises:
            Problem: the address cannot be read, or the driver is missing.
        """
        url = _url(address)
        place = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
        return cls(_engine(url, patience), place, patience)

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    def clock(self) -> float:
        """Seconds since the epoch by the server's clock; SQLite's is this machine's own."""
        if self.engine.dialect.name != "postgresql":
            return time.time()
        return self.server_clock.now(self._server_time)

    def _server_time(self) -> float:
        with self.reading() as connection:
            query = text("SELECT extract(epoch FROM clock_timestamp())")
            return float(connection.execute(query).scalar_one())

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """One transaction that writes nothing; on SQLite, one snapshot."""
        with faults.explained(self.place), self._begun() as connection:
            yield connection

    @contextmanager
    def writing(self, lock: str | None = None) -> Generator[Connection]:
        """One transaction: committed at the end of the block, undone by any error in it.

        Args:
            lock: the study whose lock is held to the end.
        """
        with faults.explained(self.place), self._begun(writes=True, lock=lock) as connection:
            yield connection
            reach("commit-before")
        reach("commit-after")

    @contextmanager
    def _begun(self, *, writes: bool = False, lock: str | None = None) -> Generator[Connection]:
        try:
            begun = self._begin(writes, lock)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The server has dropped what lay in the pool, as after a restart: nothing was done yet.
            begun = self._begin(writes, lock)
        with begun as connection, connection.get_transaction() or connection.begin():
            yield connection

    def _begin(self, writes: bool, lock: str | None) -> Connection:
        """A connection in a transaction, with the lock; the first statement shows if it lives."""
        connection = self.engine.connect().execution_options(**{_IMMEDIATE: writes})
        try:
            connection.begin()
            if self.engine.dialect.name == "postgresql":
                wait = f"{int(self.patience * 1000)}ms"
                if lock is not None:
                    connection.execute(_LOCKED, {"wait": wait, "key": _lock_key(lock)})
                elif writes:
                    connection.execute(_WAITING, {"wait": wait})
        except BaseException:
            connection.close()
            raise
        return connection


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
