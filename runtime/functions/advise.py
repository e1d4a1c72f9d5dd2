"""The advise function: wakes when a study is over, and leaves in the store what its trials advise.

The advice stands among what was done to the study, `advised` by `advisor`, where `ofc actions` and
the API show it. A study that goes on and ends again is advised again; the same end is not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from omniforce.compiler.events import STUDY_COMPLETED

from ..advisor.as_json import plain_advice
from ..advisor.table import advise
from ..events import Event, MalformedEvent, source_of
from .server import DONE, EventServer, Reply, refusal
from .settings import Settings, program_of
from .store_door import StoreDoor

ACTOR, ACTION = "advisor", "advised"

log = logging.getLogger(__name__)


class Advise:
    """Handles study.completed."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and the compiled study."""
        self._settings = Settings.read(environment)
        self._study = program_of(self._settings.program_text()).name
        self._door = StoreDoor(self._settings.store)

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
        """Advises on the study by the spec that it has in the store."""
        if event.type != STUDY_COMPLETED or event.source != source_of(self._study):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        store = self._door.open()
        record = store.study(self._study)
        if record is None:
            return Reply(422, "the study has not begun", f"{event.type} from {event.source}")
        over = record.finished or 0.0
        done = (each for each in store.actions(self._study) if each.action == ACTION)
        if any(each.at >= over for each in done):
            return DONE
        found = advise(record, program_of(record.program), store.trials(self._study))
        detail = {"event": event.id, "advice": [plain_advice(each) for each in found]}
        with store.lock(self._study) as session:
            session.note(ACTOR, ACTION, detail, max(self._clock(), over))
        log.info("%d pieces of advice on %s", len(found), self._study)
        return DONE


def new() -> EventServer:
    """The function, as func-python starts it."""
    return EventServer(Advise())
