"""The health checks for Argo CD, run by a real Lua over statuses as controllers write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.targets.platforms.layouts.argocd.health import CHECKS, check, health_checks

lupa = pytest.importorskip("lupa.lua51")  # Argo CD's own is a Lua 5.1

REFERENCE = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "manifests"


def health(tree: dict[str, Any]) -> tuple[str, str]:
    """What the check of an object's kind says of it, run as Argo CD runs it: one global `obj`."""
    group = tree["apiVersion"].rpartition("/")[0]
    # as in Argo CD's own virtual machine, there is nothing to open, run or load
    lua = lupa.LuaRuntime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
    for name in ("os", "io", "require", "package", "debug", "load", "dofile"):
        lua.globals()[name] = None
    lua.globals().obj = _table(lua, tree)
    found = lua.execute(check(group, tree["kind"]))
    return found.status, found.message


def _table(lua: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return lua.table_from({k: _table(lua, v) for k, v in value.items()})
    if isinstance(value, list):
        return lua.table_from([_table(lua, v) for v in value])
    return value


def condition(kind: str, status: str = "True", message: str = "") -> dict[str, str]:
    made = {"type": kind, "status": status}
    return made | ({"message": message} if message else {"reason": f"{kind}Reason"})


def of(api_version: str, kind: str, *conditions: dict[str, str], **status: Any) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "x", "generation": 2},
        "status": {"conditions": list(conditions), **status},
    }


EXPERIMENT = ("kubeflow.org/v1beta1", "Experiment")
JOB = ("trainer.kubeflow.org/v1alpha1", "OptimizationJob")
TRAIN = ("trainer.kubeflow.org/v1alpha1", "TrainJob")
BROKER = ("eventing.knative.dev/v1", "Broker")
GRAPH = ("serving.kserve.io/v1alpha1", "InferenceGraph")
VERSION = ("pipelines.kubeflow.org/v2beta1", "PipelineVersion")


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (of(*EXPERIMENT, condition("Created")), ("Progressing", "CreatedReason")),
        (
            of(*EXPERIMENT, condition("Created"), condition("Running", message="2 of 6")),
            ("Progressing", "2 of 6"),
        ),
        (
            of(
                *EXPERIMENT,
                condition("Created"),
                condition("Running", "False"),
                condition("Succeeded", message="max trials reached"),
            ),
            ("Healthy", "max trials reached"),
        ),
        (
            of(*EXPERIMENT, condition("Created"), condition("Failed", message="too many")),
            ("Degraded", "too many"),
        ),
        (
            of(*EXPERIMENT, condition("Succeeded", "False"), condition("Restarting")),
            ("Progressing", "RestartingReason"),
        ),
        (of(*JOB, condition("Created")), ("Progressing", "running")),
        (of(*JOB, condition("Complete", message="done")), ("Healthy", "done")),
        (of(*JOB, condition("Failed"), condition("Created")), ("Degraded", "FailedReason")),
        (
            of(*JOB, condition("Created", "False", "AlgorithmServiceCreationFailed")),
            ("Degraded", "AlgorithmServiceCreationFailed"),
        ),
        (of(*TRAIN, condition("Suspended", message="queued")), ("Suspended", "queued")),
        (of(*TRAIN, condition("Suspended", "False")), ("Progressing", "running")),
        (
            of(*TRAIN, condition("Suspended", "False"), condition("Complete")),
            ("Healthy", "CompleteReason"),
        ),
        (of(*BROKER, condition("Ready")), ("Healthy", "ReadyReason")),
        (
            of(*BROKER, condition("Addressable"), condition("Ready", "False", "no ingress")),
            ("Degraded", "no ingress"),
        ),
        (of(*BROKER, condition("Ready", "Unknown")), ("Progressing", "ReadyReason")),
        (of(*BROKER, condition("Addressable")), ("Progressing", "waiting for a status")),
        (
            of(*GRAPH, condition("Ready"), observedGeneration=1),
            ("Progressing", "the controller has not seen this version yet"),
        ),
        (of(*GRAPH, condition("Ready"), observedGeneration=2), ("Healthy", "ReadyReason")),
        (of(*VERSION), ("Healthy", "stored")),
        (
            of(*VERSION, condition("PipelineVersionStatus", "False", "invalid spec")),
            ("Degraded", "invalid spec"),
        ),
    ],
)
def test_a_status_has_its_health(tree: dict[str, Any], expected: tuple[str, str]) -> None:
    assert health(tree) == expected


@pytest.mark.parametrize(("group", "kind"), sorted(CHECKS))
def test_an_object_that_is_new_is_never_an_error(group: str, kind: str) -> None:
    tree = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "x"}}
    for status in (None, {}, {"conditions": []}, {"conditions": [{"type": "x"}]}):
        state, message = health(tree if status is None else tree | {"status": status})
        assert state == ("Healthy" if kind == "PipelineVersion" else "Progressing")
        assert isinstance(message, str)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/reference is not here")
def test_the_objects_of_a_real_cluster_are_read_as_they_were_applied() -> None:
    seen = set()
    for path in sorted(REFERENCE.glob("*.yaml")):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        key = (tree["apiVersion"].rpartition("/")[0], tree["kind"])
        if key in CHECKS:
            seen.add(tree["kind"])
            # none has a status yet: whatever its fields are, the check waits
            expected = "Healthy" if tree["kind"] == "PipelineVersion" else "Progressing"
            assert health(tree)[0] == expected, path.name
    assert seen >= {"Broker", "Experiment", "InferenceGraph", "OptimizationJob", "TrainJob"}


def test_the_config_map_has_each_check_under_argocds_own_key() -> None:
    made = health_checks()
    assert made["metadata"] == {
        "name": "argocd-cm",
        "namespace": "argocd",
        "labels": {"app.kubernetes.io/part-of": "argocd"},
    }
    data: Any = made["data"]
    assert sorted(data) == sorted(f"resource.customizations.health.{g}_{k}" for g, k in CHECKS)
    key = "resource.customizations.health.kubeflow.org_Experiment"
    assert data[key] == check("kubeflow.org", "Experiment")
