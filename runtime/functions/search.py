"""The search function: wakes on an event, moves the study on by a step, sends what follows.

An event carries no state, only the news that the store has some. So an event that finds another
searcher at work is answered at once: that searcher has read, or will leave to the tick, all that
the event could tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from omniforce.compiler.events import (
    DEVICE_MEASURED,
    PING,
    STUDY_CHANGED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
)
from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import JOB, runner_of

from ..engine import Advance, StrategyFactory, advance
from ..events import Event, MalformedEvent, ping_source, source_of, study_completed, to_text
from ..outbox import FROM_SEARCH, flush
from ..rewards import search_of
from ..store.store import Store
from ..store.trial import DeadLetter
from ..telemetry.tally import Tally
from ..waiting import Waiting
from .current_spec import CurrentSpec, generation_of
from .platform import HERE
from .prompt import Prompt
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
        runner: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._strategies = strategies
        self._given_runner = runner
        self._given_clock = clock

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and the compiled study."""
        self._settings = Settings.read(environment)
        text = self._settings.program_text()
        self._program: Program = program_of(text)
        # on this machine every trial is a process
        self._runner = self._given_runner or (
            JOB if environment.get(HERE) else runner_of(self._program)
        )
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
        noted = self.note(event)
        return self.work((event,)) if noted is None else noted

    def note(self, event: Event) -> Reply | None:
        """Makes the study where the event starts it; an answer to what is not for this function."""
        if not self._is_ours(event):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        store = self._door.open()
        if event.type in (STUDY_STARTED, PING):
            # A tick says that the study was started, even if study.started itself was lost.
            self._spec.of(store, self._now(store), make=True)
        elif store.study(self._program.name) is None:
            return Reply(422, "the study has not begun", f"{event.type} from {event.source}")
        return None

    def work(self, events: Sequence[Event]) -> Reply:
        """Moves the study on by a step, once for all events, and sends the outbox."""
        store = self._door.open()
        study = self._program.name
        tick = any(event.type == PING for event in events)
        # A start has its effect once however often it comes, and a changed spec starts anew.
        new = [e for e in events if e.type in (PING, STUDY_STARTED) or not store.is_handled(e)]
        if new:
            now = self._now(store)
            done = self._advance(store, now)
            log.info("%s: %s", ", ".join(f"{e.type} {e.id}" for e in new), done)
            if tick and done.step == "over":
                self._tell_again(store, done, now)
            for event in new:
                if event.type != PING and done.step != "busy":
                    store.mark_handled(study, event, now)
        flushed = flush(store, study, FROM_SEARCH, self._settings.broker)
        if flushed.unreachable and any(event.type != PING for event in events):
            # the redelivery is a duplicate that only sends the outbox; the tick comes much later
            return Reply(503, "the broker cannot be reached", f"{flushed.left} events wait", 5)
        return DONE

    def give_up(self, events: Sequence[Event], cause: str) -> None:
        """Keeps events after which the study could not be moved on as dead letters."""
        store = self._door.open()
        now = self._now(store)
        for event in events:
            if event.type != PING:
                letter = DeadLetter(
                    event.source, event.id, event.type, cause[:4000], to_text(event), now
                )
                store.bury(letter)

    def _is_ours(self, event: Event) -> bool:
        if event.type == PING:
            return event.source == self._tick
        return event.type in WAKING and event.source == source_of(self._program.name)

    def _now(self, store: Store) -> float:
        """By the database's clock, which workers go by as well."""
        return store.clock() if self._given_clock is None else self._given_clock()

    def _advance(self, store: Store, now: float) -> Advance:
        program = self._spec.of(store, now, make=False)
        search = search_of(program)
        return advance(
            store,
            program,
            self._strategies,
            now,
            waiting=Waiting.of(search, _patience(program)),
            runner=self._runner,
        )

    def _tell_again(self, store: Store, done: Advance, now: float) -> None:
        """A tick after the end says that nobody took study.completed: it is sent once more."""
        study = self._program.name
        if done.reason is not None:
            with store.lock(study) as session:
                session.put_again([study_completed(study, done.reason, now)], now)


def _patience(program: Program) -> float:
    """Seconds until a request that nobody took is made again: what waits in a queue is not lost."""
    queue = program.platform.kubernetes.queue
    queued = 0.0 if queue is None else queue.patience
    return max(search_of(program).timeout, LEAST_PATIENCE, queued)


def new() -> EventServer:
    """The function, as func-python starts it."""
    from omniforce.strategies.table import make

    search = Search(make)
    tally = Tally()
    return EventServer(Prompt(search, tally), search.store, tally)
