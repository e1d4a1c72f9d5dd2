"""The dispatch function: makes the tick when a study starts; removes it and releases at the end.

A tick that is always there would wake the search for ever (demand 5), so it goes first, also
where there are no pipelines to start. Everything here may be repeated. What it asks of the place
where the study runs is `platform.Platform`: a cluster, or this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omniforce.compiler.events import (
    STUDY_CHANGED,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_REQUESTED,
)
from omniforce.spec.problem import Problem

from ..events import Event, MalformedEvent, source_of
from ..http_client import NoAnswer
from .cluster import Cluster
from .platform import platform_of
from .server import DONE, EventServer, Reply, refusal
from .settings import Settings
from .training.template import Template
from .training.trainings import Trainings

if TYPE_CHECKING:
    from ..store.store import Store

log = logging.getLogger(__name__)


class Dispatch:
    """Handles study.started, .changed and .completed, and requests for trials on several nodes."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings and what the platform needs."""
        self._settings = Settings.read(environment, ("OFC_STUDY", "OFC_NAMESPACE"))
        self._platform = platform_of(self._settings, environment)
        self._store: Store | None = None
        template = Template.read(environment, self._settings.namespace)
        self._trainings = (
            None
            if template is None
            else Trainings(Cluster.read(environment), template, self._settings.study)
        )

    def stop(self) -> None:
        """Gives the store back, where it was needed."""
        if self._store is not None:
            self._store.close()

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
            if event.type == TRIAL_REQUESTED and self._trainings is not None:
                return self._trainings.make(event)
            if event.type == STUDY_CHANGED:
                return self._changed()
            if event.type == STUDY_COMPLETED:
                stopped = self._platform.stop_tick()
                swept = self._sweep() if stopped is DONE else stopped
                return self._platform.start_release() if swept is DONE else swept
        except NoAnswer as error:
            return Reply(503, "the platform does not answer", str(error), retry=5)
        except Problem as problem:
            return Reply(503, "the store does not answer", str(problem), retry=5)
        return Reply(422, "not for this function", event.type)

    def _changed(self) -> Reply:
        """The tick is there while the study runs, and nothing trains for a trial that is over."""
        study = self._opened().study(self._settings.study)
        if study is None:
            return DONE
        running = study.state == "running"
        ticking = self._platform.start_tick() if running else self._platform.stop_tick()
        return self._sweep() if ticking is DONE else ticking

    def _opened(self) -> Store:
        """The store, which is not even imported where a study only starts and ends."""
        if self._store is None:
            from ..store.store import Store

            self._store = Store.open(self._settings.store)
        return self._store

    def _sweep(self) -> Reply:
        return DONE if self._trainings is None else self._trainings.sweep(self._opened())


def new() -> EventServer:
    """The function, as func-python starts it."""
    return EventServer(Dispatch())
