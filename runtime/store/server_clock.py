"""The time of another machine, asked for now and then and kept by this one's own clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ASK_AGAIN = 300.0
"""Seconds: two clocks drift apart by milliseconds in that."""


@dataclass(slots=True)
class ServerClock:
    """How far the server's clock is ahead; may be asked from several threads."""

    _asked: float | None = None
    _server: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self, ask: Callable[[], float]) -> float:
        """The server's time: its last answer, and what has passed since by a clock that only runs.

        Args:
            ask: gives the server's time.
        """
        with self._lock:
            before = time.monotonic()
            if self._asked is None or before - self._asked > ASK_AGAIN:
                server = ask()
                after = time.monotonic()
                # the server answered somewhere in between
                self._server, self._asked = server + (after - before) / 2, after
            return self._server + time.monotonic() - self._asked
