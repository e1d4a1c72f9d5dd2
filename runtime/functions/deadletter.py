"""The dead-letter function: says what could not be delivered and why, and keeps it."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping

from ..events import Event, MalformedEvent, to_text
from ..store.trial import DeadLetter
from .server import DONE, EventServer, Reply
from .settings import Settings
from .store_door import StoreDoor

log = logging.getLogger(__name__)


class DeadLetters:
    """Takes any event, also what is none: it has nowhere else to go."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings."""
        self._door = StoreDoor(Settings.read(environment, ("OFC_STORE_URL",)).store)

    def stop(self) -> None:
        """Gives the store back."""
        self._door.close()

    def ready(self) -> str | None:
        """Whether the store can be reached."""
        return self._door.missing()

    def receive(self, event: Event) -> Reply:
        """Logs the event first, so that it is seen even while the store is away."""
        cause = _cause(dict(event.extensions))
        log.error("not delivered: %s %s from %s: %s", event.type, event.id, event.source, cause)
        letter = DeadLetter(
            event.source, event.id, event.type, cause, to_text(event), self._clock()
        )
        self._door.open().bury(letter)
        return DONE

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """Keeps what is no event as it came, in base64, under its own hash."""
        log.error("not delivered, and no event: %s: %d bytes", error, len(body))
        kept = base64.b64encode(body).decode()
        name = hashlib.sha256(body).hexdigest()
        letter = DeadLetter("unknown", name, "unknown", str(error), kept, self._clock())
        self._door.open().bury(letter)
        return DONE


def _cause(extensions: Mapping[str, str]) -> str:
    """What Knative says of the failure: to whom, with which status, and the answer's text."""
    code = extensions.get("knativeerrorcode", "unknown status")
    to = extensions.get("knativeerrordest", "unknown subscriber")
    data = extensions.get("knativeerrordata", "")
    try:
        text = base64.b64decode(data, validate=True).decode()
    except ValueError:
        text = data
    return f"{code} from {to}: {text}"[:4000]


def new() -> EventServer:
    """The function, as func-python starts it."""
    return EventServer(DeadLetters())
