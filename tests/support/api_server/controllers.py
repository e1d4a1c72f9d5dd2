"""What the controllers of a cluster do after a write: conditions, finalizers, namespaces that end.

Each object settles `delay` seconds after it was written, unless it is told otherwise.
"""

from __future__ import annotations

import copy
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .merging import Owner, updated
from .store import Store, Stored, now

Tree = dict[str, Any]

_READY = frozenset(
    {"Broker", "Trigger", "JobSink", "PingSource", "SinkBinding", "InferenceService", "Job"}
)


@dataclass
class Controllers:
    """A thread that settles what was written.

    Attributes:
        delay: seconds from a write to its conditions.
        failing: by kind and name, the reason and message of a `Ready: False`.
        held: kinds, or `kind/name`, whose conditions never come.
        keeping: finalizers that nobody removes.
    """

    store: Store
    delay: float = 0.02
    failing: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    keeping: set[str] = field(default_factory=set)
    _due: list[tuple[float, Stored]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self.store.told = self._told
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def again(self) -> None:
        """Looks at everything anew, after `failing`, `held` or `keeping` changed."""
        with self.store.lock:
            for stored in self.store.objects.values():
                self._due.append((time.monotonic(), stored))

    def _told(self, what: str, stored: Stored) -> None:
        if what != "DELETED":
            self._due.append((time.monotonic() + self.delay, stored))
        else:
            self._namespaces()

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            with self.store.lock:
                instant = time.monotonic()
                due = [stored for at, stored in self._due if at <= instant]
                self._due = [each for each in self._due if each[0] > instant]
                for stored in due:
                    self._settle(stored)

    def _settle(self, stored: Stored) -> None:
        metadata = stored.tree["metadata"]
        here = self.store.get(stored.kind, metadata.get("namespace"), metadata["name"])
        if here is None:
            return
        if "deletionTimestamp" in here.tree["metadata"]:
            self._end(here)
            return
        status = self._status(here)
        if status is not None and here.tree.get("status") != status:
            new = copy.deepcopy(here.tree) | {"status": status}
            me = Owner("controller", "Update", here.kind.api_version, now(), frozenset(), "status")
            owners = updated(here.tree, new, _everything(), here.owners, me)
            self.store.put(here.kind, new, owners)

    def _status(self, stored: Stored) -> Tree | None:
        kind, metadata = stored.kind, stored.tree["metadata"]
        name = metadata["name"]
        if kind.kind in self.held or f"{kind.kind}/{name}" in self.held:
            return None
        seen = {"observedGeneration": metadata.get("generation", 1)}
        failing = self.failing.get((kind.kind, name))
        of = kind.qualified_kind
        if of == "PersistentVolumeClaim":
            return {"phase": "Pending"}  # the class waits for a first consumer
        if of == "Job.batch":
            ended = _condition("Complete" if failing is None else "Failed", None)
            ended |= {} if failing is None else {"reason": failing[0], "message": failing[1]}
            return {"conditions": [ended]}
        if of != "Service.serving.knative.dev" and (kind.kind not in _READY or not kind.crd):
            return None
        ready = _condition("Ready", failing)
        if of == "InferenceService.serving.kserve.io":
            failing = failing or _refused_later(stored.tree)
            parts = [_condition(t, failing) for t in ("IngressReady", "PredictorReady", "Ready")]
            state = "UpToDate" if failing is None else "BlockedByFailedLoad"
            return seen | {
                "conditions": [*parts, _stopped()],
                "modelStatus": {"transitionStatus": state},
            }
        if of == "Service.serving.knative.dev":
            parts = [_condition(t, failing) for t in ("ConfigurationsReady", "RoutesReady")]
            revision = f"{name}-{metadata.get('generation', 1):05d}"
            return seen | {
                "conditions": [parts[0], ready, parts[1]],
                "latestCreatedRevisionName": revision,
                "latestReadyRevisionName": revision,
                "address": {"url": f"http://{name}.{metadata['namespace']}.svc.cluster.local"},
            }
        return seen | {"conditions": [ready]}

    def _end(self, stored: Stored) -> None:
        metadata = stored.tree["metadata"]
        if stored.kind.kind == "Namespace":
            self._empty(metadata["name"])
            return
        left = [f for f in metadata.get("finalizers", ()) if f in self.keeping]
        if not left:
            self.store.drop(stored)
        elif left != metadata.get("finalizers"):
            new = copy.deepcopy(stored.tree)
            new["metadata"]["finalizers"] = left
            self.store.put(stored.kind, new, stored.owners)

    def _namespaces(self) -> None:
        for stored in list(self.store.objects.values()):
            if stored.kind.kind == "Namespace" and "deletionTimestamp" in stored.tree["metadata"]:
                self._due.append((time.monotonic() + self.delay, stored))

    def _empty(self, namespace: str) -> None:
        """Deletes what is in a namespace, and the namespace once nothing is."""
        inside = [
            stored
            for stored in self.store.objects.values()
            if stored.tree["metadata"].get("namespace") == namespace
        ]
        for stored in inside:
            if "deletionTimestamp" not in stored.tree["metadata"]:
                mark_deleted(self.store, stored)
        if not inside:
            found = self.store.find("Namespace", None, namespace)
            if found is not None:
                self.store.drop(found)


def mark_deleted(store: Store, stored: Stored) -> None:
    """Removes an object, or leaves it to its finalizers."""
    metadata = stored.tree["metadata"]
    if not metadata.get("finalizers") and stored.kind.kind != "Namespace":
        store.drop(stored)
        return
    if "deletionTimestamp" in metadata:
        return
    new = copy.deepcopy(stored.tree)
    new["metadata"] |= {"deletionTimestamp": now()}
    if stored.kind.kind != "Namespace":
        new["metadata"]["deletionGracePeriodSeconds"] = 0
    if stored.kind.kind == "Namespace":
        new["status"] = {"phase": "Terminating"}
    store.put(stored.kind, new, stored.owners)


def collect(store: Store, owner_uid: str) -> None:
    """Deletes the dependents of an object that is gone."""
    for stored in list(store.objects.values()):
        owners = stored.tree["metadata"].get("ownerReferences", ())
        if any(each.get("uid") == owner_uid for each in owners):
            mark_deleted(store, stored)


def _condition(kind: str, failing: tuple[str, str] | None) -> Tree:
    made: Tree = {"type": kind, "status": "True" if failing is None else "False"}
    made["lastTransitionTime"] = "2026-11-24T12:00:00Z"
    if failing is not None:
        made |= {"reason": failing[0], "message": failing[1]}
    return made


def _stopped() -> Tree:
    return {"type": "Stopped", "status": "False", "severity": "Info"}


def _refused_later(tree: Tree) -> tuple[str, str] | None:
    """What KServe accepts in Knative mode and Knative refuses at reconcile."""
    notes = tree["metadata"].get("annotations", {})
    predictor = tree["spec"].get("predictor", {})
    knative = notes.get("serving.kserve.io/deploymentMode", "Knative") == "Knative"
    if knative and ("securityContext" in predictor or "nodeSelector" in predictor):
        return "InternalError", "must not set the field(s): spec.template.spec.securityContext"
    return None


def _everything() -> Tree:
    return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
