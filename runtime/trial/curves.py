"""A trial's figures on their way into the store: a few writes a second, and no fault of a trial."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from omniforce.spec.problem import Problem

from ..early_stopping import EarlyStopping
from ..store.trial import Lease, Point

_OFTEN = 0.5  # seconds between two writes
_HELD = 5_000  # points that wait for a store that is away

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Curves:
    """Holds points until the next write is due; what a store that is away misses is left out.

    Attributes:
        stop: tells the trial to end early, where its figures are worse than those of others.
    """

    listening: EarlyStopping
    lease: Lease
    stop: Callable[[], None]
    clock: Callable[[], float]
    _waiting: list[Point] = field(default_factory=list)
    _written: float = 0.0

    def add(self, points: tuple[Point, ...]) -> None:
        """Takes points, and writes what waits where the last write is a while ago."""
        self._waiting.extend(points)
        if time.monotonic() - self._written >= _OFTEN:
            self.write()

    def write(self) -> None:
        """Writes what waits; a store that is away is asked again later."""
        self._written = time.monotonic()
        if not self._waiting:
            return
        lease = self.lease
        try:
            ends = self.listening.hear(
                lease.trial, lease.attempt, lease.worker, self._waiting, self.clock()
            )
        except Problem as problem:
            log.warning("the store does not take the figures: %s", problem)
            del self._waiting[:-_HELD]
            return
        self._waiting.clear()
        if ends:
            log.info("trial %d ends early: others do better", lease.trial)
            self.stop()
