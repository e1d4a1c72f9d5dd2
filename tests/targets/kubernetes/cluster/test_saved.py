"""A saved plan: the same spec and cluster give the same bytes, and nothing else is followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference
from omniforce.targets.platforms.kubernetes.cluster.planning.saved import (
    SavedPlan,
    SavedSpec,
    read_saved,
    save,
    saved_text,
    still_holds,
)
from tests.support.crd import needs_shared
from tests.support.live import NAMESPACE, SPEC, Live, changed, compiled, live

pytestmark = needs_shared

NEW = changed(("max: 4,", "max: 5,"))


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path) as made:
        yield made


def saved(live: Live, spec: str = NEW) -> SavedPlan:
    report = live.report(spec)
    _, program = compiled(spec)
    where = SavedSpec(("omniforce.yaml",), (("trials", "48"),), (), program.digest)
    return save(report.plan, report.study, where, applied_objects(program))


def moved(plan: SavedPlan, live: Live, spec: str = NEW) -> tuple[str, ...]:
    return still_holds(plan, live.cluster, applied_objects(compiled(spec)[1]))


def test_what_is_written_is_read_again(applied: Live, tmp_path: Path) -> None:
    plan = saved(applied)
    path = tmp_path / "plan.ofc"
    path.write_text(saved_text(plan), encoding="utf-8")
    assert read_saved(path) == plan


def test_it_is_the_same_each_time_and_holds_no_manifest(applied: Live) -> None:
    first = saved_text(saved(applied))
    applied.server.controllers.again()
    assert saved_text(saved(applied)) == first
    assert "maxReplicas" not in first


def test_it_holds_while_nothing_has_moved_but_a_status(applied: Live) -> None:
    plan = saved(applied)
    applied.server.controllers.failing[("Broker", "digits-edge")] = ("Away", "no channel")
    applied.server.controllers.again()
    assert moved(plan, applied) == ()


def test_another_spec_is_named_object_by_object(applied: Live) -> None:
    found = moved(saved(applied), applied, changed(("max: 4,", "max: 6,")))
    assert "the spec makes another InferenceService/digits-edge" in found
    assert any(m.startswith("the spec makes ConfigMap/digits-edge-study-") for m in found)


def test_an_object_that_was_edited_since(applied: Live) -> None:
    plan = saved(applied)
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": 1}}})
    assert moved(plan, applied) == ("Trigger/digits-edge-tick was changed on the cluster",)


def test_an_object_that_is_gone_and_one_that_was_made_anew(applied: Live) -> None:
    plan = saved(applied)
    tick = Reference("eventing.knative.dev/v1", "Trigger", NAMESPACE, "digits-edge-tick")
    applied.cluster.delete(tick)
    assert moved(plan, applied) == ("Trigger/digits-edge-tick is gone",)
    (tree,) = [
        t
        for t in applied_objects(compiled(SPEC)[1])
        if t["kind"] == "Trigger" and t["metadata"]["name"] == "digits-edge-tick"  # type: ignore[index]
    ]
    applied.cluster.apply(tree)
    assert moved(plan, applied) == ("Trigger/digits-edge-tick was changed on the cluster",)


def test_an_object_that_is_there_now_and_was_not(applied: Live) -> None:
    plan = saved(applied)
    (config,) = [
        t
        for t in applied_objects(compiled(NEW)[1])
        if str(t["metadata"]["name"]).startswith("digits-edge-study-")  # type: ignore[index]
        and t["kind"] == "ConfigMap"
    ]
    old = [o for o in plan.objects if o.reference.kind == "ConfigMap" and o.replaces is not None]
    assert len(old) == 1
    applied.cluster.apply(config)
    # the old one is looked at, which is as it was: that the new one is there harms nothing
    assert moved(plan, applied) == ()


def test_another_cluster(applied: Live) -> None:
    plan = saved(applied)
    assert moved(replace(plan, cluster="prod"), applied) == (
        "it is for `prod`, and this is `in-test`",
    )


def test_only_what_the_plan_shows_may_be_deleted(applied: Live) -> None:
    head, _, _ = SPEC.partition("  # What is served")
    plan = saved(applied, head)
    kinds = sorted({r.kind for r in plan.deletes})
    assert kinds == [
        "ConfigMap",
        "InferenceService",
        "NetworkPolicy",
        "PipelineVersion",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("[]", "it is no plan of `ofc plan --out`"),
        ('{"kind": "other"}', "it is no plan of `ofc plan --out`"),
        ('{"kind": "ofc-plan", "formatVersion": "2.0"}', "its format is '2.0', expected `1.0`"),
        ('{"kind": "ofc-plan", "formatVersion": 1}', "its format is 1, expected `1.0`"),
        ('{"kind": "ofc-plan", "formatVersion": "1.0"}', "is missing"),
        ('{"kind": "ofc-plan", "formatVersion": "1.0", "objects": 3}', ""),
        ("[" * 100_000, "it is no JSON"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "plan.ofc"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read_saved(path)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "OFC652"
    assert why in diagnostic.message


def test_a_plan_that_was_tampered_with_is_refused(applied: Live, tmp_path: Path) -> None:
    plain: dict[str, Any] = json.loads(saved_text(saved(applied)))
    plain["objects"][0]["action"] = "explode"
    path = tmp_path / "plan.ofc"
    path.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(Problem):
        read_saved(path)


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read_saved(tmp_path / "plan.ofc")
    assert caught.value.diagnostic.code == "OFC652"
