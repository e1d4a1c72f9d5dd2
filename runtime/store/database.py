"""One database: SQLite here, PostgreSQL in a cluster, with the same three kinds of access.

Read, write, and write under a study's lock. SQLite has one writer at a time anyway, so there the
lock is the write transaction itself; on PostgreSQL it is an advisory lock that ends with its
transaction, and so with its process (demand 3).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ..fault_points import reach
from . import engines, faults, layout
from .server_clock import ServerClock
from .turns import turn

LOCK_SECONDS = 20.0
"""How long a transaction waits for another's lock; every one of ours lasts milliseconds."""

# One round trip: PostgreSQL works a select list off from the left.
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
        url = engines.url_of(address)
        place = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
        return cls(engines.engine_of(url, patience), place, patience)

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
        """Nothing is written: one snapshot on SQLite, one a statement on PostgreSQL."""
        with faults.explained(self.place), self._begun(alone=True) as connection:
            yield connection

    @contextmanager
    def at_once(self) -> Generator[Connection]:
        """Writes by single statements, each committed by itself on PostgreSQL.

        One round trip, where a transaction has three. SQLite, which has no such trips, takes it as
        one transaction.
        """
        if self.engine.dialect.name != "postgresql":
            with self.writing() as connection:
                yield connection
            return
        with faults.explained(self.place), self._begun(writes=True, alone=True) as connection:
            reach("commit-before")
            yield connection
        reach("commit-after")

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
    def _begun(
        self, *, writes: bool = False, alone: bool = False, lock: str | None = None
    ) -> Generator[Connection]:
        with self._turn() if writes else nullcontext():
            try:
                begun = self._begin(writes, alone, lock)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server dropped what lay in the pool, as after a restart: nothing was done yet.
                begun = self._begin(writes, alone, lock)
            with begun as connection, connection.get_transaction() or connection.begin():
                yield connection

    def _turn(self) -> AbstractContextManager[None]:
        file = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not file or file.startswith(("file:", ":")):
            return nullcontext()
        return turn(os.path.dirname(os.path.abspath(file)), self.patience)

    def _begin(self, writes: bool, alone: bool, lock: str | None) -> Connection:
        """A connection in a transaction, with the lock."""
        connection = self.engine.connect().execution_options(**{engines.IMMEDIATE: writes})
        try:
            if self.engine.dialect.name == "postgresql":
                if alone:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.begin()
                if lock is not None:
                    wait = f"{int(self.patience * 1000)}ms"
                    connection.execute(_LOCKED, {"wait": wait, "key": _lock_key(lock)})
            else:
                connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection


def _lock_key(name: str) -> int:
    """The 64 bits by which PostgreSQL knows a lock; 1 in 10^13 for a clash among 1000 studies."""
    digest = hashlib.sha256(f"omniforce/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
