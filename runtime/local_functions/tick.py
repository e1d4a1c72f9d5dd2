"""The tick: wakes the search now and then while a study runs, and does not exist otherwise."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

from ..functions.settings import MissingSetting

_EVERY = re.compile(r"\*/(\d{1,2}) \* \* \* \*")


def period_of(tick: str) -> float:
    """Seconds between two ticks, from the PingSource's JSON text.

    Raises:
        MissingSetting: its schedule is not one that the manifests have.
    """
    try:
        schedule = json.loads(tick)["spec"]["schedule"]
    except (ValueError, TypeError, KeyError) as error:
        raise MissingSetting("tick.json has no schedule") from error
    found = _EVERY.fullmatch(schedule) if isinstance(schedule, str) else None
    if found is None or int(found[1]) == 0:
        raise MissingSetting("the tick's schedule is not as the manifests have it")
    return 60.0 * int(found[1])


class Tick:
    """Calls `fire` every `period` seconds from `start` to `stop`."""

    def __init__(self, period: float, fire: Callable[[], None]) -> None:
        self.period = period
        self._fire = fire
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None

    @property
    def runs(self) -> bool:
        """Whether it is there."""
        return self._stop is not None

    def start(self) -> None:
        """Makes it; one that is there goes on."""
        with self._lock:
            if self._stop is None:
                self._stop = threading.Event()
                thread = threading.Thread(target=self._run, args=(self._stop,), daemon=True)
                thread.start()

    def stop(self) -> None:
        """Removes it; may be called where there is none."""
        with self._lock:
            if self._stop is not None:
                self._stop.set()
                self._stop = None

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(self.period):
            self._fire()
