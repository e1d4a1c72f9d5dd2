"""The dispatch function: makes the tick when a study starts; removes it and releases at the end.

A tick that is always there would wake the search for ever (demand 5), so it goes first, also
where there are no pipelines to start. Everything here may be repeated. What it asks of the place
where the study runs is `platform.Platform`: a cluster, or this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from omniforce.compiler.events import STUDY_COMPLETED, STUDY_STARTED

from ..events import Event, MalformedEvent, source_of
from ..http_client import NoAnswer
from .platform import platform_of
from .server import DONE, EventServer, Reply, refusal
from .settings import Settings

log = logging.getLogger(__name__)


class Dispatch:
    """Handles study.started and study.completed."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and what the platform needs."""
        self._settings = Settings.read(environment, ("OFC_STUDY", "OFC_NAMESPACE"))
        self._platform = platform_of(self._settings, environment)

    def stop(self) -> None:
        """Nothing is open."""

    def ready(self) -> str | None:
        """Whether it has what it takes to ask the platform."""
        return self._platform.missing()

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """A plain refusal."""
        log.warning("refused %d bytes: %s", len(body), error)
        return refusal(error)

    def receive(self, event: Event) -> Reply:
        """Makes the tick, or removes it and starts the release."""
        if event.source != source_of(self._settings.study):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        try:
            if event.type == STUDY_STARTED:
                return self._platform.start_tick()
            if event.type == STUDY_COMPLETED:
                stopped = self._platform.stop_tick()
                return self._platform.start_release() if stopped is DONE else stopped
        except NoAnswer as error:
            return Reply(503, "the platform does not answer", str(error), retry=5)
        return Reply(422, "not for this function", event.type)


def new() -> EventServer:
    """The function, as func-python starts it."""
    return EventServer(Dispatch())
