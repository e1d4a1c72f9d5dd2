"""The search function: wakes on an event, moves the study on by a step, sends what follows.

An event carries no state, only the news that the store has some. So an event that finds another
searcher at work is answered at once: that searcher has read, or will leave to the tick, all that
the event could tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from omniforce.compiler.events import (
    DEVICE_MEASURED,
    PING,
    STUDY_CHANGED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
)
from omniforce.compiler.ir.program import Program

from ..engine import Advance, StrategyFactory, advance
from ..events import Event, MalformedEvent, ping_source, source_of, study_completed
from ..outbox import FROM_SEARCH, flush
from ..rewards import search_of
from ..store.store import Store
from ..waiting import Waiting
from .current_spec import CurrentSpec, generation_of
from .server import DONE, EventServer, Reply, refusal
from .settings import Settings, program_of, tick_name
from .store_door import StoreDoor

LEAST_PATIENCE = 300.0
"""Seconds that a Job gets at least to be placed, to pull its image and to take its lease."""

WAKING = frozenset({STUDY_STARTED, STUDY_CHANGED, TRIAL_COMPLETED, DEVICE_MEASURED})
"""The study's own events that say that the store has news."""

log = logging.getLogger(__name__)


class Search:
    """Handles study.started, trial.completed and the tick."""

    def __init__(
        self,
        strategies: StrategyFactory,
        runner: str = "job",
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._strategies = strategies
        self._runner = runner
        self._given_clock = clock

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and the compiled study."""
        self._settings = Settings.read(environment)
        text = self._settings.program_text()
        self._program: Program = program_of(text)
        self._spec = CurrentSpec(self._program, text, generation_of(environment))
        self._tick = ping_source(self._settings.namespace, tick_name(self._settings.tick()))
        self._door = StoreDoor(self._settings.store)

    def store(self) -> Store:
        """The study's store.

        Raises:
            Problem: it cannot be opened, for now.
        """
        return self._door.open()

    def stop(self) -> None:
        """Gives the store back."""
        self._door.close()

    def ready(self) -> str | None:
        """Whether the store can be reached."""
        return self._door.missing()

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """A plain refusal."""
        log.warning("refused %d bytes: %s", len(body), error)
        return refusal(error)

    def receive(self, event: Event) -> Reply:
        """Moves the study on, unless this very event has done so before; sends the outbox."""
        if not self._is_ours(event):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        store = self._door.open()
        study = self._program.name
        tick = event.type == PING
        # A start has its effect once however often it comes, and a changed spec starts anew.
        if tick or event.type == STUDY_STARTED or not store.is_handled(event):
            now = self._now(store)
            done = self._advance(store, event, now)
            log.info("%s %s: %s", event.type, event.id, done)
            if tick and done.step == "over":
                self._tell_again(store, done, now)
            if not tick and done.step != "busy":
                store.mark_handled(study, event, now)
        flushed = flush(store, study, FROM_SEARCH, self._settings.broker)
        if flushed.unreachable and not tick:
            # the redelivery is a duplicate that only sends the outbox; the tick comes much later
            return Reply(503, "the broker cannot be reached", f"{flushed.left} events wait", 5)
        return DONE

    def _is_ours(self, event: Event) -> bool:
        if event.type == PING:
            return event.source == self._tick
        return event.type in WAKING and event.source == source_of(self._program.name)

    def _now(self, store: Store) -> float:
        """By the database's clock, which workers go by as well."""
        return store.clock() if self._given_clock is None else self._given_clock()

    def _advance(self, store: Store, event: Event, now: float) -> Advance:
        # A tick says that the study was started, even if study.started itself was lost.
        program = self._spec.of(store, now, make=event.type in (STUDY_STARTED, PING))
        search = search_of(program)
        return advance(
            store,
            program,
            self._strategies,
            now,
            waiting=Waiting.of(search, max(search.timeout, LEAST_PATIENCE)),
            runner=self._runner,
        )

    def _tell_again(self, store: Store, done: Advance, now: float) -> None:
        """A tick after the end says that nobody took study.completed: it is sent once more."""
        study = self._program.name
        if done.reason is not None:
            with store.lock(study) as session:
                session.put_again([study_completed(study, done.reason, now)], now)


def new() -> EventServer:
    """The function, as func-python starts it."""
    from omniforce.strategies.table import make

    search = Search(make)
    return EventServer(search, search.store)
