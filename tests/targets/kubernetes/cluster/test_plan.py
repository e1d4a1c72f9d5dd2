"""What a plan says of each object, against an API server in the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.client import client
from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference
from omniforce.targets.platforms.kubernetes.cluster.planning.object_plan import Conflict, ObjectPlan
from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report
from omniforce.targets.platforms.kubernetes.target import objects
from tests.support.api_server import Answer, ApiServer, User, status
from tests.support.crd import needs_shared
from tests.support.live import NAMESPACE, SPEC, Live, changed, compiled, live

pytestmark = needs_shared


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path, applied=False) as made:
        yield made


def told(report: Report) -> list[str]:
    """The objects of a plan that are not as they were, without those that only get the digest."""
    return [
        f"{o.action} {o.reference}"
        for o in report.plan.objects
        if o.action != "unchanged" and o not in report.stamped
    ]


def fields(report: Report, kind: str, name: str) -> dict[str, tuple[str | None, str | None]]:
    plan = one(report, kind, name)
    return {f.path: (f.before, f.after) for f in plan.fields}


def one(report: Report, kind: str, name: str) -> ObjectPlan:
    found = [o for o in report.plan.objects if (o.reference.kind, o.reference.name) == (kind, name)]
    assert len(found) == 1, [str(o.reference) for o in report.plan.objects]
    return found[0]


def test_right_after_an_apply_nothing_would_change_on_any_kind(applied: Live) -> None:
    report = applied.report()
    assert [(str(o.reference), o.fields) for o in report.plan.objects if o.fields] == []
    assert {o.action for o in report.plan.objects} == {"unchanged"}
    assert {o.reference.kind for o in report.plan.objects} == {
        "Broker",
        "ConfigMap",
        "InferenceService",
        "JobSink",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Pipeline",
        "PipelineVersion",
        "Role",
        "RoleBinding",
        "Service",
        "ServiceAccount",
        "Trigger",
    }
    assert not report.plan.changes


def test_a_plan_writes_nothing(empty: Live) -> None:
    before = len(empty.server.objects())
    version = empty.server.store.version
    empty.report()
    assert (len(empty.server.objects()), empty.server.store.version) == (before, version)


def test_without_its_namespace_nothing_of_a_first_release_can_be_checked(tmp_path: Path) -> None:
    with ApiServer() as server:
        cluster = connect(None, str(server.kubeconfig(tmp_path / "kubeconfig")))
        report = Live(server, cluster, tmp_path).report()
    assert {o.action for o in report.plan.objects[1:]} == {"unchecked"}
    assert {o.reason for o in report.plan.objects[1:]} == {
        f"cannot be checked before Namespace/{NAMESPACE} is applied"
    }
    assert report.plan.objects[0].action == "create"
    assert not report.stops


def test_on_a_first_release_what_hangs_on_others_is_said_to_be_so_and_not_failed(
    empty: Live,
) -> None:
    report = empty.report()
    waiting = {
        o.reference.name.rpartition("-")[0]
        if o.reference.kind == "PipelineVersion"
        else str(o.reference): o.reason
        for o in report.plan.objects
        if o.action == "unchecked"
    }
    assert waiting == {
        "Service/digits-edge-search": (
            "cannot be checked before ServiceAccount/digits-edge-search is applied"
        ),
        "Service/digits-edge-dispatch": (
            "cannot be checked before ServiceAccount/digits-edge-dispatch is applied"
        ),
        **{
            f"Service/digits-edge-{name}": (
                f"cannot be checked before ServiceAccount/digits-edge-{name} is applied"
            )
            for name in ("advise", "api")
        },
        "Service/digits-edge-deadletter": (
            "cannot be checked before ServiceAccount/digits-edge-deadletter is applied"
        ),
        "digits-edge-search": "cannot be checked before Pipeline/digits-edge-search is applied",
        "digits-edge-release": "cannot be checked before Pipeline/digits-edge-release is applied",
    }
    assert report.counts["create"] == 36
    assert not report.stops


def test_a_study_s_config_is_replaced_and_what_names_it_follows(applied: Live) -> None:
    report = applied.report(changed(("default: 48", "default: 96")))
    (config,) = [
        o
        for o in report.plan.objects
        if o.reference.kind == "ConfigMap" and o.reference.name.startswith("digits-edge-study")
    ]
    assert config.action == "replace"
    assert config.replaces is not None
    paths = {f.path: (f.before, f.after) for f in config.fields}
    assert paths["data[study.json].steps[search].budget.trials"] == ("48", "96")
    name = "spec.template.spec.volumes[study].configMap.name"
    assert fields(report, "Service", "digits-edge-search")[name] == (
        f'"{config.replaces.name}"',
        f'"{config.reference.name}"',
    )
    search = one(report, "Service", "digits-edge-search")
    assert [f.path for f in search.fields if report.plan.follows(f)] == [name]


def test_what_the_spec_has_no_more_is_deleted(applied: Live) -> None:
    head, _, _ = SPEC.partition("  # What is served")
    report = applied.report(head)
    assert sorted(t for t in told(report) if t.startswith("delete")) == [
        "delete InferenceService/digits-edge",
        "delete NetworkPolicy/digits-edge-server-out",
        "delete Role/digits-edge-pipeline",
        "delete RoleBinding/digits-edge-pipeline",
        "delete ServiceAccount/digits-edge-serving",
    ]


def test_a_field_changed_by_hand_is_drift_with_who_did_it(applied: Live) -> None:
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": 1}}})
    report = applied.report(force=True)
    plan = one(report, "Trigger", "digits-edge-tick")
    assert [(d.path, d.applied, d.live, d.manager) for d in plan.drift] == [
        ("spec.delivery.retry", "5", "1", "kubectl-edit")
    ]
    assert plan.action == "change"
    assert [(f.path, f.before, f.after) for f in plan.fields] == [("spec.delivery.retry", "1", "5")]
    assert [o for o in report.plan.objects if o.drift] == [plan]


def test_a_field_removed_by_hand_is_drift_of_nobody(applied: Live) -> None:
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": None}}})
    plan = one(applied.report(), "Trigger", "digits-edge-tick")
    assert [(d.path, d.applied, d.live, d.manager) for d in plan.drift] == [
        ("spec.delivery.retry", "5", None, "")
    ]


def test_what_others_add_beside_our_fields_is_no_drift_and_no_change(applied: Live) -> None:
    patch = {"metadata": {"annotations": {"example.org/seen": "yes"}}}
    applied.edit("Trigger", "digits-edge-tick", patch)
    report = applied.report()
    assert told(report) == []
    assert [o for o in report.plan.objects if o.drift] == []


def test_a_conflict_names_the_manager_and_the_field(applied: Live) -> None:
    applied.edit("Trigger", "digits-edge-tick", {"spec": {"delivery": {"retry": 1}}})
    report = applied.report()
    plan = one(report, "Trigger", "digits-edge-tick")
    assert plan.conflicts == (Conflict("kubectl-edit", ".spec.delivery.retry"),)
    assert report.stops
    assert not applied.report(force=True).stops


def test_who_may_only_read_still_sees_what_differs(applied: Live, tmp_path: Path) -> None:
    applied.server.users["token-of-fork"] = User("fork", {"patch triggers", "patch jobsinks"})
    kubeconfig = applied.server.kubeconfig(tmp_path / "fork", "token-of-fork")
    reader = Live(applied.server, connect(None, str(kubeconfig)), kubeconfig)
    assert told(reader.report()) == []
    report = reader.report(changed(("timeout: 2m", "timeout: 3m")))
    sink = one(report, "JobSink", "digits-edge-trial")
    assert sink.action == "change"
    assert "may not" in sink.reason or "forbidden" in sink.reason
    paths = [f.path for f in sink.fields]
    assert "spec.job.spec.activeDeadlineSeconds" in paths
    assert not report.stops


def test_a_webhook_that_takes_no_dry_run_is_no_refusal(applied: Live) -> None:
    message = 'admission webhook "a.b" does not support dry run'
    applied.server.fail(method="PATCH", path="/brokers/", answer=status(400, "BadRequest", message))
    plan = one(applied.report(), "Broker", "digits-edge")
    assert (plan.action, plan.refused) == ("unchanged", "")


def test_what_is_immutable_is_made_anew(applied: Live) -> None:
    message = 'Trigger "t" is invalid: spec.broker: Invalid value: field is immutable'
    applied.server.fail(method="PATCH", path="/triggers/", answer=status(422, "Invalid", message))
    report = applied.report()
    plan = next(o for o in report.plan.objects if o.action == "replace")
    assert (plan.reference.kind, plan.refused) == ("Trigger", "")
    assert "field is immutable" in plan.reason
    assert not report.stops


def test_a_study_that_came_from_gitops_is_no_drift(
    empty: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, program = compiled()
    with monkeypatch.context() as patched:
        patched.setattr(client, "MANAGER", "argocd-controller")
        for tree in objects(program):
            empty.cluster.apply(tree, force=True)
    report = empty.report(force=True)
    assert told(report) == []
    assert [o for o in report.plan.objects if o.drift] == []
    assert not report.stops


def test_an_object_that_somebody_deleted_is_made_again(applied: Live) -> None:
    applied.cluster.delete(
        Reference("eventing.knative.dev/v1", "Trigger", NAMESPACE, "digits-edge-tick")
    )
    assert told(applied.report()) == ["create Trigger/digits-edge-tick"]


def test_what_would_lose_its_data_by_being_made_anew_stops_before_the_first_write(
    applied: Live,
) -> None:
    head, _, tail = SPEC.partition("\nspec:\n")
    other = f"{head}\nspec:\n  platform: {{kubernetes: {{models: {{storageClass: fast}}}}}}\n{tail}"
    report = applied.report(other)
    plan = one(report, "PersistentVolumeClaim", "digits-edge-data")
    assert plan.action == "replace"
    assert "immutable" in plan.refused
    assert report.stops


def test_a_server_that_answers_about_something_else_is_not_believed(applied: Live) -> None:
    other = Answer(200, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    applied.server.fail(method="PATCH", path="/triggers/digits-edge-tick", answer=other)
    with pytest.raises(Problem) as caught:
        applied.report()
    assert caught.value.diagnostic.code == "OFC671"


def test_a_study_applied_by_another_version_of_ofc_is_planned_without_its_past(
    applied: Live,
) -> None:
    (config,) = [
        o
        for o in applied.server.objects("ConfigMap")
        if o["metadata"]["name"].startswith("digits-edge-study")
    ]
    stored = applied.server.store.find("ConfigMap", NAMESPACE, config["metadata"]["name"])
    assert stored is not None
    stored.tree["data"]["study.json"] = '{"name": "digits-edge", "fromTheFuture": true}'
    report = applied.report()
    assert report.consequences.study == "unknown"
    assert "fromTheFuture" in " ".join(report.consequences.notes)
