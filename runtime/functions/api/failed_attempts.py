"""How often somebody may guess: a bucket of failures for each address, which fills up slowly."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

BURST = 10
"""Failures at once."""
PER_SECOND = 0.2
"""Failures that are forgotten each second."""
_MOST_ADDRESSES = 4096


class FailedAttempts:
    """Counts failures by the address they come from; may be used from several threads.

    Behind a proxy all have one address, so tokens that were right before are never asked to wait.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._right: OrderedDict[str, None] = OrderedDict()

    def seconds_to_wait(self, address: str) -> float:
        """How long until an unknown token from there is looked at again; 0 for now."""
        with self._lock:
            level = self._level(address)
        return 0.0 if level <= BURST - 1 else (level - (BURST - 1)) / PER_SECOND

    def failed(self, address: str) -> None:
        """One more."""
        with self._lock:
            level = self._level(address)
            self._failures[address] = (min(level + 1, BURST), self._clock())
            self._failures.move_to_end(address)
            while len(self._failures) > _MOST_ADDRESSES:
                self._failures.popitem(last=False)

    def was_right(self, digest: str) -> bool:
        """Whether a token was right before; by its hash."""
        with self._lock:
            return digest in self._right

    def right(self, digest: str) -> None:
        """A token was right."""
        with self._lock:
            self._right[digest] = None
            while len(self._right) > _MOST_ADDRESSES:
                self._right.popitem(last=False)

    def _level(self, address: str) -> float:
        level, since = self._failures.get(address, (0.0, 0.0))
        return max(0.0, level - (self._clock() - since) * PER_SECOND)
