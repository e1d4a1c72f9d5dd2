"""How a study stands on a cluster: by blocks of the spec, with conditions and last events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference
from omniforce.targets.platforms.kubernetes.cluster.happened import Happened, by_object
from omniforce.targets.platforms.kubernetes.cluster.living import find, read
from omniforce.targets.platforms.kubernetes.cluster.shown.standing_plain import standing_plain
from omniforce.targets.platforms.kubernetes.cluster.shown.standing_text import standing_text
from omniforce.targets.platforms.kubernetes.cluster.standing import Standing, Stands, standing
from tests.support.crd import needs_shared
from tests.support.live import NAMESPACE, Live, changed, compiled, live

pytestmark = needs_shared


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path) as made:
        until(lambda: look(made).word == "ready")
        yield made


def look(live: Live) -> Standing:
    _, program = compiled()
    return standing(live.cluster, program, program)


def until(holds: Callable[[], bool]) -> None:
    """The controllers of the test take their time, which is short."""
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to be")


def one(found: Standing, name: str) -> Stands:
    (stands,) = [o for b in found.blocks for o in b.objects if str(o.reference) == name]
    return stands


def event(name: str, of: str, message: str, when: str = "2026-11-24T12:00:00Z") -> dict[str, Any]:
    kind, _, object_name = of.partition("/")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "involvedObject": {"kind": kind, "name": object_name, "namespace": NAMESPACE},
        "type": "Warning",
        "reason": "BackOff",
        "message": message,
        "count": 4,
        "lastTimestamp": when,
    }


def test_every_object_stands_in_the_block_of_the_spec_that_it_comes_from(applied: Live) -> None:
    found = look(applied)
    assert {b.path: sorted({o.reference.kind for o in b.objects}) for b in found.blocks} == {
        "spec.data": ["Pipeline", "PipelineVersion"],
        "spec.algorithm": ["Pipeline", "PipelineVersion"],
        "spec.search": ["Broker", "ConfigMap", "Service", "Trigger"],
        "spec.search.trial": ["JobSink"],
        "spec.deployment": ["InferenceService"],
        "spec.platform.kubernetes.models": ["PersistentVolumeClaim"],
        "spec.platform.kubernetes": [
            "Namespace",
            "NetworkPolicy",
            "Role",
            "RoleBinding",
            "ServiceAccount",
        ],
    }
    assert sum(len(b.objects) for b in found.blocks) == 44
    assert found.word == "ready"


def test_what_fails_is_shown_with_its_conditions_and_the_events_of_its_pods(applied: Live) -> None:
    applied.server.controllers.failing[("Service", "digits-edge-search")] = ("Missing", "no image")
    applied.server.controllers.again()
    pod = "Pod/digits-edge-search-00001-deployment-x"
    applied.cluster.apply(event("one", pod, "Back-off pulling"))
    until(lambda: look(applied).word == "failed")
    text = standing_text(look(applied))
    (start,) = [
        i for i, line in enumerate(text.splitlines()) if "Service/digits-edge-search" in line
    ]
    assert text.splitlines()[start : start + 2] == [
        "  ✗ Service/digits-edge-search: Ready is False: Missing: no image",
        f"      2026-11-24T12:00:00Z Warning BackOff of {pod} (4 times): Back-off pulling",
    ]
    assert text.startswith(f"✗ digits-edge in {NAMESPACE}, on in-test: failed\n")


def test_a_spec_that_was_changed_since_is_said_so(applied: Live) -> None:
    _, program = compiled()
    _, newer = compiled(changed(("max: 4,", "max: 5,")))
    found = standing(applied.cluster, program, newer)
    assert found.behind
    assert "the spec has changed since" in standing_text(found)
    assert not look(applied).behind


def test_what_is_not_there_is_missing(applied: Live) -> None:
    applied.cluster.delete(
        Reference("eventing.knative.dev/v1", "Trigger", NAMESPACE, "digits-edge-tick")
    )
    found = look(applied)
    assert one(found, "Trigger/digits-edge-tick").word == "missing"
    assert found.word == "missing"


def test_a_server_without_a_model_waits_while_the_search_is_under_way(applied: Live) -> None:
    applied.server.controllers.failing[("InferenceService", "digits-edge")] = ("NoModel", "none")
    applied.server.controllers.again()
    until(lambda: look(applied).word == "failed")
    tick: dict[str, Any] = {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "PingSource",
        "metadata": {"name": "digits-edge-tick", "namespace": NAMESPACE},
        "spec": {
            "schedule": "*/2 * * * *",
            "sink": {
                "ref": {
                    "apiVersion": "eventing.knative.dev/v1",
                    "kind": "Broker",
                    "name": "digits-edge",
                    "namespace": NAMESPACE,
                }
            },
        },
    }
    applied.cluster.apply(tick)
    found = look(applied)
    assert (found.searching, found.word) == (True, "progressing")
    server = one(found, "InferenceService/digits-edge")
    assert server.why.startswith("no model before the search is over: ")


def test_jobs_of_trials_are_counted(applied: Live) -> None:
    for name in ("a", "b"):
        job: dict[str, Any] = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": f"digits-edge-trial-{name}",
                "namespace": NAMESPACE,
                "labels": {
                    "app.kubernetes.io/instance": "digits-edge",
                    "app.kubernetes.io/component": "tte",
                },
            },
            "spec": {
                "template": {
                    "spec": {
                        "restartPolicy": "Never",
                        "containers": [{"name": "trial", "image": "i:1"}],
                    }
                }
            },
        }
        applied.cluster.apply(job)
    until(lambda: look(applied).trials.succeeded == 2)
    assert "Jobs of trials: 2 done" in standing_text(look(applied))


def test_json_has_all_of_it(applied: Live) -> None:
    plain = standing_plain(look(applied))
    assert plain["word"] == "ready"
    assert [b["path"] for b in plain["blocks"]][:2] == ["spec.data", "spec.algorithm"]  # type: ignore[attr-defined]
    assert plain["trials"] == {"active": 0, "succeeded": 0, "failed": 0}


def test_a_study_is_found_by_its_name_alone(applied: Live) -> None:
    _, program = compiled()
    there = find(applied.cluster, "digits-edge", NAMESPACE)
    assert there.program is not None
    assert there.program.digest == program.digest
    assert find(applied.cluster, "digits", NAMESPACE).program is None
    assert find(applied.cluster, "digits-edge", "elsewhere").program is None


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ("[" * 100_000, "recursion"),
        ('{"name": "digits-edge"}', "is missing"),
        ("3", "expected an object"),
        ('{"name": "digits-edge", "digest": "d", "steps": [], "platform": {}}', ""),
    ],
)
def test_a_config_that_holds_something_else_is_no_study(held: str, why: str) -> None:
    config: dict[str, Any] = {
        "metadata": {"name": "digits-edge-study-00000000"},
        "data": {"study.json": held},
    }
    there = read(config, "digits-edge")
    assert there.program is None
    assert why in there.unreadable
    assert there.unreadable


def test_a_config_of_another_study_is_not_taken_for_this_one(applied: Live) -> None:
    (config,) = [
        o
        for o in applied.server.objects("ConfigMap")
        if o["metadata"]["name"].startswith("digits-edge-study-")
    ]
    assert read(config, "digits").unreadable == "it is the study `digits-edge`"
    assert find(applied.cluster, "digits-edge-study", NAMESPACE).config == ""


def test_an_event_belongs_to_what_its_pod_s_name_begins_with() -> None:
    search = Reference("serving.knative.dev/v1", "Service", "n", "digits-search")
    study = Reference("serving.kserve.io/v1beta1", "InferenceService", "n", "digits")
    events: list[dict[str, Any]] = [
        event("1", "Pod/digits-search-00001-abc", "one"),
        event("2", "Pod/digits-predictor-abc", "two"),
        event("3", "Pod/another-abc", "three"),
        event("4", "Service/digits-search", "four", "2026-11-24T13:00:00Z"),
        {"kind": "Event", "involvedObject": "nonsense", "message": 3},
    ]
    found = by_object(events, (search, study))
    assert {r.name: [h.message for h in each] for r, each in found.items()} == {
        "digits-search": ["one", "four"],
        "digits": ["two"],
    }
    assert found[study] == (
        Happened(
            "2026-11-24T12:00:00Z", "Warning", "BackOff", "two", "Pod/digits-predictor-abc", 4
        ),
    )
