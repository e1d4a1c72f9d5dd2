"""The dispatch function: makes the tick when a study starts; removes it and releases at the end.

A tick that is always there would wake the search for ever (demand 5), so it goes first, also
where there are no pipelines to start. Everything here may be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from omniforce.compiler.events import STUDY_COMPLETED, STUDY_STARTED

from ..events import Event, MalformedEvent, source_of
from ..http_client import Answer, NoAnswer
from .cluster import Cluster
from .release import Refused, Release, Unavailable
from .server import DONE, EventServer, Reply, refusal
from .settings import MissingSetting, Settings, tick_name

log = logging.getLogger(__name__)


class Dispatch:
    """Handles study.started and study.completed."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and the tick."""
        self._settings = Settings.read(environment, ("OFC_STUDY", "OFC_NAMESPACE"))
        self._tick = self._settings.tick()
        self._name = tick_name(self._tick)
        release = self._settings.release()
        try:
            self._release = None if release is None else Release.read(release)
        except ValueError as error:
            raise MissingSetting(f"release.json: {error}") from error
        self._cluster = Cluster.read(environment)

    def stop(self) -> None:
        """Nothing is open."""

    def ready(self) -> str | None:
        """Whether the pod has what it takes to speak to the API server."""
        return self._cluster.missing()

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """A plain refusal."""
        log.warning("refused %d bytes: %s", len(body), error)
        return refusal(error)

    def receive(self, event: Event) -> Reply:
        """Makes the tick, or removes it and starts the release."""
        if event.source != source_of(self._settings.study):
            return Reply(422, "not for this function", f"{event.type} from {event.source}")
        path = f"/apis/sources.knative.dev/v1/namespaces/{self._settings.namespace}/pingsources"
        try:
            if event.type == STUDY_STARTED:
                answer = self._cluster.ask("POST", path, self._tick)
                return _reply(answer, done=409, what=f"make `{self._name}`")
            if event.type == STUDY_COMPLETED:
                answer = self._cluster.ask("DELETE", f"{path}/{self._name}")
                removed = _reply(answer, done=404, what=f"remove `{self._name}`")
                return self._start_release() if removed is DONE else removed
        except NoAnswer as error:
            return Reply(503, "the API server does not answer", str(error), retry=5)
        return Reply(422, "not for this function", event.type)

    def _start_release(self) -> Reply:
        if self._release is None:
            return DONE
        try:
            log.info("the release is run %s", self._release.start())
        except Unavailable as error:
            return Reply(503, "the pipelines do not answer", str(error), retry=5)
        except Refused as error:
            return Reply(422, "the pipelines refuse the release", str(error))
        return DONE


def _reply(answer: Answer, *, done: int, what: str) -> Reply:
    """The answer to the broker; `done` is the status that says that it was done before."""
    log.info("%s: %s", what, answer.status)
    if answer.status < 300 or answer.status == done:
        return DONE
    detail = f"{what}: {answer.status}: {answer.body[:500]}"
    # A role may be bound a moment later than the function starts, a webhook be away for a while.
    passing = answer.status >= 500 or answer.status in (401, 403, 404, 409, 429)
    return Reply(503 if passing else 422, "the API server refuses", detail)


def new() -> EventServer:
    """The function, as func-python starts it."""
    return EventServer(Dispatch())
