"""Makes the object of a requested trial, and removes those of trials that are over before it.

A lost object is not looked for here: pods and their conditions are their controllers' own, and a
trial whose object failed, was preempted or was never admitted is found by its lease, at the tick.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from omniforce.compiler.events import TRIAL_REQUESTED
from omniforce.targets.platforms.kubernetes.training.placeholders import (
    ATTEMPT_LABEL,
    TRIAL_LABEL,
)

from ...events import Event, to_text
from ..cluster import Cluster
from ..on_cluster import reply_to
from ..server import DONE, Reply
from .template import Template

if TYPE_CHECKING:  # the store is imported only where it is asked
    from ...store.store import Store
    from ...store.trial import Trial

BACKGROUND = json.dumps(
    {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
)
NAMES = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
"""A list of metadata alone, where the server can."""

ENDED_EARLY = frozenset({"cancelled", "timed-out"})
"""States of a trial whose pods would go on for nobody."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trainings:
    """The objects of one study's trials."""

    cluster: Cluster
    template: Template
    study: str

    def make(self, event: Event) -> Reply:
        """The object that the event asks for, unless it is there.

        Raises:
            NoAnswer: the API server cannot be asked.
        """
        runner = dict(event.extensions).get("ofcrunner", "")
        trial, attempt = event.data.get("trial"), event.data.get("attempt")
        if runner != self.template.runner:
            return Reply(422, "not for this function", f"the runner `{runner}`")
        if type(trial) is not int or type(attempt) is not int or trial < 0 or attempt < 1:
            return Reply(422, "not for this function", "the event names no trial and attempt")
        body = self.template.filled(self.study, trial, attempt, self._told(event, trial, attempt))
        answer = self.cluster.ask("POST", self.template.path, body)
        what = f"make the {self.template.kind} of trial {trial}, attempt {attempt}"
        return reply_to(answer, done=409, what=what)

    def _told(self, event: Event, trial: int, attempt: int) -> str:
        """The event as the pods get it: its known parts only, whatever else it brought along."""
        return to_text(
            Event(
                id=event.id,
                source=event.source,
                type=TRIAL_REQUESTED,
                subject=f"t{trial}",
                time=event.time,
                data={"study": self.study, "trial": trial, "attempt": attempt},
                extensions=(("ofcrunner", self.template.runner), *_traced(event)),
            )
        )

    def sweep(self, store: Store) -> Reply:
        """Removes the objects of trials that were cancelled or timed out, and of older attempts.

        Raises:
            NoAnswer: the API server cannot be asked.
            Problem: the store cannot be used.
        """
        query = urlencode({"labelSelector": f"app.kubernetes.io/instance={self.study}"})
        answer = self.cluster.ask("GET", f"{self.template.path}?{query}", accept=NAMES)
        listed = reply_to(answer, done=404, what=f"list the {self.template.kind}s")
        if listed is not DONE or answer.status == 404:
            return listed
        standing = tuple(_standing(answer.body))
        if not standing:
            return DONE
        trials = {trial.number: trial for trial in store.trials(self.study)}
        for name, number, attempt in standing:
            if not _is_over(trials.get(number), attempt):
                continue
            gone = self.cluster.ask("DELETE", f"{self.template.path}/{quote(name)}", BACKGROUND)
            removed = reply_to(gone, done=404, what=f"remove `{name}`")
            if removed is not DONE:
                return removed
        return DONE


def _traced(event: Event) -> Iterator[tuple[str, str]]:
    return (pair for pair in event.extensions if pair[0] in ("traceparent", "tracestate"))


def _is_over(trial: Trial | None, attempt: int) -> bool:
    return trial is not None and (trial.state in ENDED_EARLY or trial.attempt > attempt)


def _standing(body: bytes | str) -> Iterator[tuple[str, int, int]]:
    """Name, trial and attempt of each object that is ours by its labels."""
    try:
        found = json.loads(body)
        items = found["items"]
    except (ValueError, TypeError, KeyError):
        return
    for item in items if isinstance(items, list) else ():
        metadata = item.get("metadata", {}) if isinstance(item, Mapping) else {}
        labels = metadata.get("labels") or {}
        try:
            yield str(metadata["name"]), int(labels[TRIAL_LABEL]), int(labels[ATTEMPT_LABEL])
        except (KeyError, ValueError, TypeError):
            continue
