"""What a function's process has done since it woke, counted without any library's import."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds."""


@dataclass(slots=True)
class Durations:
    """How long something took: a histogram.

    Attributes:
        counts: by bucket, and the last for what took longer than any.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        place = next((i for i, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))
        self.counts[place] += 1
        self.total += seconds


@dataclass(slots=True)
class Tally:
    """Counts of one process; may be used from several threads."""

    started: float = field(default_factory=time.time)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    durations: dict[str, Durations] = field(default_factory=dict)
    _busy: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def handling(self) -> Generator[None]:
        """Around one event, so that one that hangs can be seen."""
        me = threading.get_ident()
        with self._lock:
            self._busy[me] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._busy[me]

    def answered(self, type: str, status: int, seconds: float) -> None:
        """One event was answered; of a type that is ours, else it is counted as `other`."""
        with self._lock:
            self.answers[type, status] += 1
            self.durations.setdefault(type, Durations()).add(seconds)

    def longest(self) -> float:
        """Seconds that the oldest event has been handled for; 0 where none is."""
        now = time.monotonic()
        with self._lock:
            return max((now - began for began in self._busy.values()), default=0.0)
