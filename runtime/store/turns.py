"""One writer after the other, for SQLite, which lets its writers poll.

Whoever waits for SQLite's own lock asks again after ever longer pauses, so that among many the
latest comer is served first and some starve. Here they stand in the kernel's queue before they
ask. The turn is a lock on the database's directory (on no file of its own, and never on the
database: closing that would drop the locks that SQLite holds). It ends with its process. It is
courtesy and not safety: where it cannot be had, or not in time, the writer asks SQLite anyway.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

LONGEST_WAIT = 5.0
"""Seconds; a turn that takes longer is held by somebody who has stopped."""


@contextmanager
def turn(directory: str, patience: float) -> Generator[None]:
    """Waits for the turn, and holds it for the block."""
    held = None if sys.platform == "win32" else _taken(directory, min(patience, LONGEST_WAIT))
    try:
        yield
    finally:
        if held is not None:
            _give_up(held)


if sys.platform != "win32":
    import fcntl

    def _taken(directory: str, patience: float) -> int | None:
        try:
            file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return file if _Waiting(file).is_over(patience) else None
        except OSError:  # a file system without such locks
            os.close(file)
            return None
        return file

    def _give_up(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)  # also where a child has inherited the file
        os.close(file)

    class _Waiting:
        """A wait in the kernel's queue, which knows no timeout, by a thread that can be left."""

        def __init__(self, file: int) -> None:
            self._file, self._over = file, threading.Event()
            self._lock, self._left, self._has_it = threading.Lock(), False, False
            threading.Thread(target=self._wait, name="ofc-turn", daemon=True).start()

        def is_over(self, patience: float) -> bool:
            """Whether the turn came in time; if not, the thread gives it up when it comes."""
            self._over.wait(patience)
            with self._lock:
                self._left = not self._has_it
            return self._has_it

        def _wait(self) -> None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except OSError:
                os.close(self._file)
                self._over.set()
                return
            with self._lock:
                self._has_it = not self._left
            if self._left:
                _give_up(self._file)
            self._over.set()

else:

    def _taken(directory: str, patience: float) -> int | None:
        return None

    def _give_up(file: int) -> None:
        os.close(file)
