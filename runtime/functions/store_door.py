"""A store that is opened when it is first needed, and asked now and then whether it is there."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillAsking

from omniforce.spec.problem import Problem

from ..store.store import Store

_WAIT = 0.5
"""Seconds that a probe may hold the event loop; func-python asks on it."""


class StoreDoor:
    """Opens the store late: a function that starts before its database must not die of it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ofc-ready")
        self._asked: Future[str | None] | None = None

    def open(self) -> Store:
        """The store.

        Raises:
            Problem: it cannot be opened, for now.
        """
        with self._lock:
            if self._store is None:
                self._store = Store.open(self._address)
            return self._store

    def missing(self) -> str | None:
        """Why the store cannot be used, or None; asks in a thread and waits only shortly."""
        if self._asked is None or self._asked.done():
            self._asked = self._pool.submit(self._ask)
        try:
            return self._asked.result(_WAIT)
        except StillAsking:
            return "the store has not answered yet"

    def close(self) -> None:
        """Gives the connections back."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _ask(self) -> str | None:
        try:
            self.open().ping()
        except Problem as problem:
            return str(problem)
        return None
