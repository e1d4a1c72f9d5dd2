"""A whole study on a real cluster: applied, planned, changed, pruned, destroyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omniforce.targets.platforms.kubernetes.cluster.apply_set import apply_set_of, members
from omniforce.targets.platforms.kubernetes.cluster.applying.destroy import Destroy, destruction
from omniforce.targets.platforms.kubernetes.cluster.applying.fence import Overtaken
from omniforce.targets.platforms.kubernetes.cluster.applying.prune import prune, pruning
from omniforce.targets.platforms.kubernetes.cluster.applying.ready import state_of
from omniforce.targets.platforms.kubernetes.cluster.applying.start import start
from omniforce.targets.platforms.kubernetes.cluster.applying.waiting import Waiting
from omniforce.targets.platforms.kubernetes.cluster.belongings import belongings
from omniforce.targets.platforms.kubernetes.cluster.cluster import (
    Conflicted,
    Reference,
    Refused,
    reference_of,
)
from omniforce.targets.platforms.kubernetes.cluster.planning.plan import make_plan
from tests.support.crd import needs_shared

from .conftest import OnCluster, Told, until

pytestmark = [pytest.mark.cluster, needs_shared]

MORE_TRIALS = ("default: 48", "default: 60")
SECONDS = 180


def test_a_first_release_is_planned_before_anything_is_there(fresh: OnCluster) -> None:
    program = fresh.program()
    plan = make_plan(fresh.cluster, fresh.objects(program))
    first, *others = plan.objects
    assert (first.reference.kind, first.action) == ("Namespace", "create")
    assert {o.action for o in others} == {"unchecked"}
    assert {o.reason for o in others} == {
        f"cannot be checked before Namespace/{fresh.namespace} is applied"
    }
    assert fresh.cluster.get(first.reference) is None


def test_in_a_new_namespace_what_needs_another_object_is_unchecked_and_nothing_refused(
    fresh: OnCluster,
) -> None:
    trees = fresh.objects(fresh.program())
    fresh.cluster.apply(trees[0])
    plan = make_plan(fresh.cluster, trees)
    assert [(o.reference, o.refused) for o in plan.objects if o.refused] == []
    assert {o.action for o in plan.objects[1:]} <= {"create", "unchecked"}


def test_a_study_is_applied_in_order_and_a_second_time_nothing_changes(here: OnCluster) -> None:
    program = here.ensure()
    before = generations(here, program)
    done = here.apply(program)
    assert set(done) == {"unchanged"}, done
    assert generations(here, program) == before


def generations(here: OnCluster, program: Any) -> dict[Reference, Any]:
    found = {}
    for tree in here.objects(program):
        live = here.cluster.get(reference_of(tree))
        assert live is not None, reference_of(tree)
        found[reference_of(tree)] = live["metadata"].get("generation")  # type: ignore[attr-defined]
    return found


def test_right_after_an_apply_the_plan_is_empty_on_every_kind(here: OnCluster) -> None:
    program = here.ensure()
    plan = make_plan(here.cluster, here.objects(program))
    assert [
        (o.reference, o.action, o.fields) for o in plan.objects if o.action != "unchanged"
    ] == []


def test_all_that_was_applied_is_found_by_its_label(here: OnCluster) -> None:
    program = here.ensure()
    wanted = {reference_of(tree) for tree in here.objects(program)[1:]}
    assert wanted <= set(members(here.cluster, program))


def test_a_changed_spec_is_planned_applied_and_what_it_lacks_pruned(here: OnCluster) -> None:
    old, new = here.ensure(), here.program(MORE_TRIALS)
    plan = make_plan(here.cluster, here.objects(new))
    assert plan.changes
    assert not plan.blocked
    here.apply(new)
    gone = {reference_of(t) for t in here.objects(old)} - {
        reference_of(t) for t in here.objects(new)
    }
    wanted = [reference_of(tree) for tree in here.objects(new)]
    found = pruning(members(here.cluster, new), wanted)
    assert set(found.goes) == gone
    assert set(prune(here.cluster, new, found)) == gone
    assert all(until(lambda r=r: here.cluster.get(r) is None, 60) for r in gone)  # type: ignore[misc]
    assert not make_plan(here.cluster, here.objects(new)).changes


def test_another_manager_s_field_is_a_conflict_that_names_both(here: OnCluster) -> None:
    program = here.ensure()
    tree = next(t for t in here.objects(program) if t["kind"] == "NetworkPolicy")
    metadata = {k: tree["metadata"][k] for k in ("name", "namespace")}
    spec = tree["spec"] | {"policyTypes": ["Egress"]}
    here.send("PATCH", {k: tree[k] for k in ("apiVersion", "kind")} | {
        "metadata": metadata, "spec": {k: spec[k] for k in ("podSelector", "policyTypes")},
    })  # fmt: skip
    with pytest.raises(Conflicted) as fault:
        here.apply(program)
    assert fault.value.conflicts == (("somebody-else", ".spec.policyTypes"),)
    (blocked,) = make_plan(here.cluster, here.objects(program)).blocked
    assert [(c.manager, c.field) for c in blocked.conflicts] == [
        ("somebody-else", ".spec.policyTypes")
    ]
    done = here.apply(program, force=True)
    assert done["changed"] == [reference_of(tree)]
    assert set(here.apply(program)) == {"unchanged"}


def test_a_change_by_hand_is_shown_as_drift_and_taken_back(here: OnCluster) -> None:
    program = here.ensure()
    tree = next(t for t in here.objects(program) if t["kind"] == "Role")
    reference = reference_of(tree)
    metadata = {k: tree["metadata"][k] for k in ("name", "namespace")}
    extra = {"labels": {"example.com/by-hand": "yes"}}
    here.send(
        "PATCH", {k: tree[k] for k in ("apiVersion", "kind")} | {"metadata": metadata | extra}
    )
    # a field that we do not set is nobody's business of ours
    assert not make_plan(here.cluster, here.objects(program)).changes
    live = here.cluster.get(reference)
    assert live is not None
    assert live["metadata"]["labels"]["example.com/by-hand"] == "yes"  # type: ignore[index]


def test_a_field_that_no_schema_has_is_refused(here: OnCluster) -> None:
    program = here.ensure()
    tree = next(t for t in here.objects(program) if t["kind"] == "NetworkPolicy")
    with pytest.raises(Refused) as fault:
        here.cluster.apply(tree | {"spec": tree["spec"] | {"colour": "red"}}, dry_run=True)
    assert ".spec.colour" in fault.value.diagnostic.message


def test_what_cannot_change_in_place_is_refused_by_field(here: OnCluster) -> None:
    program = here.ensure()
    tree = next(t for t in here.objects(program) if t["kind"] == "ConfigMap" and t.get("immutable"))
    with pytest.raises(Refused) as fault:
        here.cluster.apply(tree | {"data": {"study.json": "{}"}}, dry_run=True)
    assert "`data`" in fault.value.diagnostic.message
    plan = make_plan(here.cluster, [tree | {"data": {"study.json": "{}"}}])
    assert [o.action for o in plan.objects] == ["replace"]


def test_a_later_apply_of_another_spec_stops_an_earlier_one(here: OnCluster) -> None:
    program, other = here.ensure(), here.program(MORE_TRIALS)
    from omniforce.targets.platforms.kubernetes.cluster.applying import fence

    fence.begin(here.cluster, program)
    fence.check(here.cluster, program)
    fence.begin(here.cluster, other)
    with pytest.raises(Overtaken):
        fence.check(here.cluster, program)


def test_a_broker_gets_ready(here: OnCluster, needs: Callable[..., None]) -> None:
    needs("eventing.knative.dev/v1", "Broker")
    controller = Reference("apps/v1", "Deployment", "knative-eventing", "mt-broker-controller")
    if here.cluster.get(controller) is None:
        pytest.skip("no controller of MTChannelBasedBroker runs in knative-eventing")
    program = here.ensure()
    broker = Reference("eventing.knative.dev/v1", "Broker", here.namespace, program.name)
    assert until(lambda: state_of(here.cluster.get(broker) or {}).word == "ready", SECONDS)


@pytest.mark.usefixtures("images", "all_kinds")
def test_with_images_all_gets_ready_and_the_study_starts_once(here: OnCluster) -> None:
    program = here.ensure()
    references = [reference_of(tree) for tree in here.objects(program)]
    later = frozenset(r for r in references if r.kind == "InferenceService")
    set_id = apply_set_of(program).id
    Waiting(SECONDS, later).run(here.cluster, references, set_id, Told())
    assert start(here.cluster, program) is True
    assert start(here.cluster, program) is False


def test_destroy_keeps_the_data_and_takes_the_rest(here: OnCluster) -> None:
    program = here.ensure()
    what = destruction(belongings(here.cluster, program.name, here.namespace))
    kept = {b.reference.kind for b in what.stays}
    assert kept == {"Namespace", "PersistentVolumeClaim"}
    Destroy(SECONDS).run(here.cluster, what, Told())
    left = belongings(here.cluster, program.name, here.namespace)
    assert [b.reference.kind for b in left.objects] == ["PersistentVolumeClaim"]
    assert left.parent is None
    assert destruction(left).goes == ()
    assert here.apply(program).keys() == {"created", "unchanged"}
