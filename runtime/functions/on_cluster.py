"""A cluster as dispatch sees it: the tick is a PingSource, the release a run of a pipeline."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from ..http_client import Answer
from .cluster import Cluster
from .release import Refused, Release, Unavailable
from .server import DONE, Reply
from .settings import MissingSetting, Settings, tick_name

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OnCluster:
    """Asks the API server, and at the end the API of the pipelines.

    Attributes:
        tick: the PingSource as JSON text.
        release: what is started at the end; None where nothing is.
    """

    cluster: Cluster
    namespace: str
    tick: str
    release: Release | None

    @classmethod
    def read(cls, settings: Settings, environment: Mapping[str, str]) -> OnCluster:
        """Reads the mounted files.

        Raises:
            MissingSetting: one is missing, or not as the manifests make it.
        """
        tick, text = settings.tick(), settings.release()
        tick_name(tick)  # that it has one is found out now, and not at the end
        try:
            release = None if text is None else Release.read(text)
        except ValueError as error:
            raise MissingSetting(f"release.json: {error}") from error
        return cls(Cluster.read(environment), settings.namespace, tick, release)

    def missing(self) -> str | None:
        """Whether the pod has what it takes to speak to the API server."""
        return self.cluster.missing()

    def start_tick(self) -> Reply:
        """Makes the PingSource."""
        answer = self.cluster.ask("POST", self._ticks(), self.tick)
        return reply_to(answer, done=409, what=f"make `{tick_name(self.tick)}`")

    def stop_tick(self) -> Reply:
        """Removes the PingSource."""
        name = tick_name(self.tick)
        answer = self.cluster.ask("DELETE", f"{self._ticks()}/{name}")
        return reply_to(answer, done=404, what=f"remove `{name}`")

    def start_release(self) -> Reply:
        """Starts the `release` pipeline, once a study."""
        if self.release is None:
            return DONE
        try:
            log.info("the release is run %s", self.release.start())
        except Unavailable as error:
            return Reply(503, "the pipelines do not answer", str(error), retry=5)
        except Refused as error:
            return Reply(422, "the pipelines refuse the release", str(error))
        return DONE

    def _ticks(self) -> str:
        return f"/apis/sources.knative.dev/v1/namespaces/{self.namespace}/pingsources"


def reply_to(answer: Answer, *, done: int, what: str) -> Reply:
    """The answer to the broker; `done` is the status that says that it was done before."""
    log.info("%s: %s", what, answer.status)
    if answer.status < 300 or answer.status == done:
        return DONE
    detail = f"{what}: {answer.status}: {answer.body[:500]}"
    # A role may be bound a moment later than the function starts, a webhook be away for a while.
    passing = answer.status >= 500 or answer.status in (401, 403, 404, 409, 429)
    return Reply(503 if passing else 422, "the API server refuses", detail)
