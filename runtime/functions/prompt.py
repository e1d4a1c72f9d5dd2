"""Answers the sender of an event as soon as the event is committed, and does the work behind that.

The default broker keeps a sender waiting until every subscriber has answered (demand 1): a trial's
Job, and its GPU with it, would wait while the strategy thinks. An event only says that the store
has news, so nothing is lost with a process that dies at work: the next event or the tick finds in
the store what is left to do. Work that fails is tried again as a broker would try it, then the
event goes to the dead letters with its cause. A function that is told to end ends its work first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from omniforce.spec.problem import Problem

from ..events import Event, MalformedEvent
from ..telemetry.tally import Tally
from ..telemetry.tracing import span, traced
from .server import DONE, Reply

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between tries."""

log = logging.getLogger(__name__)


class Worker(Protocol):
    """A handler in two halves."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings."""
        ...

    def note(self, event: Event) -> Reply | None:
        """Commits what the event itself says; an answer where there is nothing more to do."""
        ...

    def work(self, events: Sequence[Event]) -> Reply:
        """Does what is to be done after these events, once for all of them."""
        ...

    def give_up(self, events: Sequence[Event], cause: str) -> None:
        """Is told of events after which the work failed too often."""
        ...

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """Answers what is no event."""
        ...

    def ready(self) -> str | None:
        """What it cannot work without and cannot reach, or None."""
        ...

    def stop(self) -> None:
        """Gives back what it has opened."""
        ...


class Prompt:
    """A handler that works in one thread of its own, which is there only while there is work.

    Args:
        worker: does it.
        tally: the server's own, so that work that hangs, and how long it takes, is seen there.
        pauses: seconds between tries.
    """

    def __init__(
        self, worker: Worker, tally: Tally | None = None, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._worker = worker
        self._tally = Tally() if tally is None else tally
        self._pauses = tuple(pauses)
        self._changed = threading.Condition()
        self._waiting: dict[tuple[str, str], Event] = {}
        self._thread: threading.Thread | None = None
        self._over = False

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings."""
        self._worker.start(environment)

    def receive(self, event: Event) -> Reply:
        """Notes the event, and leaves the rest to the thread."""
        if self._over:
            return Reply(503, "the function ends", retry=1)
        noted = self._worker.note(event)
        if noted is not None:
            return noted
        with self._changed:
            self._waiting[event.source, event.id] = traced(event)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ofc-work", daemon=True)
                self._thread.start()
        return DONE

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """A plain refusal."""
        return self._worker.refuse(error, body)

    def ready(self) -> str | None:
        """Whether an event could be noted."""
        return self._worker.ready()

    def stop(self) -> None:
        """Ends the work that has begun, without further tries, then gives back what is open."""
        with self._changed:
            self._over = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._worker.stop()

    def _run(self) -> None:
        events: dict[tuple[str, str], Event] = {}
        tries = 0
        while True:
            with self._changed:
                if not events and not self._waiting:
                    self._thread = None
                    return
                tries = 0 if self._waiting else tries
                events |= self._waiting
                self._waiting = {}
            cause = self._try(tuple(events.values()))
            if cause is None:
                events = {}
            elif tries < len(self._pauses) and self._pause(self._pauses[tries]):
                tries += 1
            else:
                self._give_up(tuple(events.values()), cause)
                events = {}

    def _pause(self, seconds: float) -> bool:
        """Waits, until an event comes at the longest; whether another try is to be made."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or bool(self._waiting), seconds)
            return not self._over

    def _try(self, events: Sequence[Event]) -> str | None:
        """Why the work failed, or None."""
        began, status, last = time.monotonic(), 503, events[-1]
        try:
            # the trace goes on from the event that came last; what it tells was in no other
            with self._tally.handling(), span("work", last, **{"event.id": last.id}):
                reply = self._worker.work(events)
                status = reply.status
        except Problem as problem:
            log.error("%s %s", problem.diagnostic.code, problem)
            return str(problem)
        except Exception as error:
            log.exception("the work failed")
            return f"{type(error).__name__}: {error}"
        finally:
            self._tally.answered("work", status, time.monotonic() - began)
        return None if reply.status < 300 else f"{reply.title}: {reply.detail}"

    def _give_up(self, events: Sequence[Event], cause: str) -> None:
        try:
            self._worker.give_up(events, cause)
        except Problem as problem:
            log.error("%s %s", problem.diagnostic.code, problem)
