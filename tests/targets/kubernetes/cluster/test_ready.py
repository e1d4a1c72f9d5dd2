"""Whether an object is ready, by its own kind's conditions."""

from __future__ import annotations

from typing import Any

import pytest

from omniforce.targets.platforms.kubernetes.cluster.applying.ready import State, state_of

Tree = dict[str, Any]

TRIGGER = "eventing.knative.dev/v1", "Trigger"
KNATIVE = "serving.knative.dev/v1", "Service"
SERVER = "serving.kserve.io/v1beta1", "InferenceService"
READY = State("ready")


def tree(of: tuple[str, str], *conditions: Tree, generation: int = 1, **status: Any) -> Tree:
    made = {"observedGeneration": 1} | status
    if conditions:
        made["conditions"] = list(conditions)
    metadata = {"name": "one", "generation": generation}
    return {"apiVersion": of[0], "kind": of[1], "metadata": metadata, "status": made}


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Tree:
    more = {"reason": reason, "message": message}
    return {"type": kind, "status": status} | {k: v for k, v in more.items() if v}


@pytest.mark.parametrize(
    ("object", "state"),
    [
        (tree(TRIGGER, condition("Ready", "True")), READY),
        (tree(TRIGGER), State("progressing", "it has no condition Ready yet")),
        (
            tree(TRIGGER, condition("Ready", "True"), generation=2),
            State("progressing", "its controller has not seen it yet"),
        ),
        (
            tree(KNATIVE, condition("Ready", "Unknown", "Deploying")),
            State("progressing", "Ready is Unknown: Deploying"),
        ),
        (
            tree(KNATIVE, condition("Ready", "False", "RevisionFailed", "image\nnot  found")),
            State("failed", "Ready is False: RevisionFailed: image not found"),
        ),
        (
            # as Knative Serving 1.23 said it of an image that nobody could pull
            tree(
                KNATIVE,
                condition("ConfigurationsReady", "False", "RevisionFailed", "Unable to fetch it"),
                condition("Ready", "False", "RevisionMissing", "has no ready Revision"),
                condition("RoutesReady", "False", "RevisionMissing", "has no ready Revision"),
            ),
            State("failed", "ConfigurationsReady is False: RevisionFailed: Unable to fetch it"),
        ),
        (
            tree(SERVER, condition("Ready", "True"), modelStatus={"transitionStatus": "UpToDate"}),
            READY,
        ),
        (
            tree(
                SERVER,
                condition("Ready", "True"),
                modelStatus={"transitionStatus": "InProgress"},
            ),
            State("progressing", "its model is InProgress"),
        ),
        (
            tree(SERVER, condition("PredictorReady", "False", "Gone"), condition("Ready", "True")),
            State("failed", "PredictorReady is False: Gone"),
        ),
        (tree(SERVER, condition("Stopped", "False"), condition("Ready", "True")), READY),
        (tree(SERVER, condition("Stopped", "True"), condition("Ready", "False")), READY),
        (tree(SERVER), State("progressing", "it has no conditions yet")),
        (tree(("v1", "PersistentVolumeClaim"), phase="Pending"), READY),
        (tree(("v1", "PersistentVolumeClaim"), phase="Bound"), READY),
        (
            tree(("v1", "PersistentVolumeClaim"), phase="Lost"),
            State("failed", "its volume is lost"),
        ),
        (tree(("batch/v1", "Job"), condition("Complete", "True")), READY),
        (
            tree(("batch/v1", "Job"), condition("Failed", "True", "BackoffLimitExceeded")),
            State("failed", "Failed is True: BackoffLimitExceeded"),
        ),
        (tree(("batch/v1", "Job")), State("progressing", "it runs")),
        (tree(("v1", "ConfigMap")), READY),
        (tree(("v1", "Service")), READY),
        (tree(("v1", "Namespace"), phase="Active"), READY),
        (
            tree(("v1", "Namespace"), phase="Terminating"),
            State("progressing", "it is being deleted"),
        ),
        (tree(("pipelines.kubeflow.org/v2beta1", "PipelineVersion")), READY),
    ],
    ids=lambda value: f"{value['kind']}" if isinstance(value, dict) else value.word,
)
def test_an_object_is_judged_by_its_kind(object: Tree, state: State) -> None:
    assert state_of(object) == state


def test_what_is_being_deleted_is_not_ready() -> None:
    made = tree(TRIGGER, condition("Ready", "True"))
    made["metadata"]["deletionTimestamp"] = "2026-11-24T12:00:00Z"
    assert state_of(made) == State("progressing", "it is being deleted")
