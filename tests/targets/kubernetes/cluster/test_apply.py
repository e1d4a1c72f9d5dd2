"""An apply against the API server in the test: order, conflicts, breaks, two at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.cluster.apply_set import (
    PART_OF,
    applied_objects,
    apply_set_of,
    members,
    parent_tree,
)
from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Applied, Apply
from omniforce.targets.platforms.kubernetes.cluster.applying.fence import Overtaken
from omniforce.targets.platforms.kubernetes.cluster.applying.prune import prune, pruning
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.cluster import (
    ClusterFault,
    Conflicted,
    Failing,
    Forbidden,
    Missing,
    Reference,
    Unauthorized,
    Unreachable,
    reference_of,
)
from tests.support.api_server import Answer, ApiServer, User, status
from tests.support.clusters import client
from tests.support.crd import needs_shared
from tests.support.live import changed, compiled

pytestmark = needs_shared

SPACE = "ofc-digits-edge"
MORE_TRIALS = changed(("default: 48", "default: 60"))


class Told:
    """Keeps what it is told; `then` is done after the `at`-th object."""

    def __init__(self, at: int = 0, then: Callable[[], object] = lambda: None) -> None:
        self.applied_: list[Applied] = []
        self._at, self._then = at, then

    def applied(self, applied: Applied, count: int, of: int) -> None:
        self.applied_.append(applied)
        if count == self._at:
            self._then()

    @property
    def done(self) -> dict[str, int]:
        words = [a.done for a in self.applied_]
        return {word: words.count(word) for word in dict.fromkeys(words)}


def apply(cluster: KubernetesCluster, program: Program, **more: Any) -> Told:
    told = more.pop("told", Told())
    Apply(program, applied_objects(program), pause=lambda s: None, **more).run(cluster, told)
    return told


def held(server: ApiServer) -> dict[tuple[str, str], Any]:
    """What is stored, without what differs from run to run."""
    passing = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation")
    found = {}
    for tree in server.objects():
        metadata = {k: v for k, v in tree["metadata"].items() if k not in passing}
        kept = {k: v for k, v in tree.items() if k != "status"} | {"metadata": metadata}
        found[tree["kind"], metadata["name"]] = kept
    return found


@pytest.fixture
def program() -> Program:
    return compiled()[1]


@pytest.fixture
def clean(program: Program, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """What a cluster holds after one apply that nothing disturbs."""
    with ApiServer() as server:
        apply(client(server, tmp_path_factory.mktemp("clean")), program)
        return held(server)


def test_a_first_apply_makes_the_namespace_first_and_the_server_last(
    cluster: KubernetesCluster, program: Program
) -> None:
    told = apply(cluster, program)
    kinds = list(dict.fromkeys(a.reference.kind for a in told.applied_))
    assert kinds == [
        "Namespace",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "NetworkPolicy",
        "ConfigMap",
        "PersistentVolumeClaim",
        "Broker",
        "Service",
        "JobSink",
        "Trigger",
        "Pipeline",
        "PipelineVersion",
        "InferenceService",
    ]
    assert told.done == {"created": len(applied_objects(program))}
    assert cluster.get(apply_set_of(program).parent) is not None


def test_a_second_apply_changes_nothing(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    server.controllers.held |= {"Broker", "Trigger", "Service", "JobSink", "InferenceService"}
    apply(cluster, program)
    before = server.objects()
    told = apply(cluster, program)
    assert told.done == {"unchanged": len(applied_objects(program))}
    assert server.objects() == before


def test_what_a_server_writes_back_is_no_change(
    cluster: KubernetesCluster, program: Program
) -> None:
    apply(cluster, program)
    assert apply(cluster, program).done == {"unchanged": len(applied_objects(program))}


def test_a_new_spec_leaves_what_it_does_not_name_until_it_is_pruned(
    cluster: KubernetesCluster, program: Program
) -> None:
    apply(cluster, program)
    _, new = compiled(MORE_TRIALS)
    apply(cluster, new)
    wanted = [reference_of(tree) for tree in applied_objects(new)]
    found = pruning(members(cluster, new), wanted)
    kinds = [r.kind for r in found.goes]
    assert kinds == ["PipelineVersion", "PipelineVersion", "ConfigMap"]
    assert set(prune(cluster, new, found)) == set(found.goes)
    assert pruning(members(cluster, new), wanted).goes == ()


def test_only_what_is_still_of_the_set_is_pruned(
    cluster: KubernetesCluster, program: Program
) -> None:
    apply(cluster, program)
    _, new = compiled(MORE_TRIALS)
    apply(cluster, new)
    found = pruning(members(cluster, new), [reference_of(t) for t in applied_objects(new)])
    first, *others = found.goes
    tree = cluster.get(first)
    assert tree is not None
    take_over(cluster, first)
    assert set(prune(cluster, new, found)) == set(others)
    assert cluster.get(first) is not None


def take_over(cluster: KubernetesCluster, reference: Reference) -> None:
    """Somebody takes our label off an object."""
    path = f"/apis/{reference.api_version}" if "/" in reference.api_version else "/api/v1"
    plural = reference.kind.lower() + "s"
    address = f"{path}/namespaces/{reference.namespace}/{plural}/{reference.name}"
    patch = {"metadata": {"labels": {PART_OF: None}}}
    cluster._connection.ask("PATCH", address, None, patch, "application/merge-patch+json")


def test_a_field_that_another_manager_has_set_stops_the_apply(
    cluster: KubernetesCluster, program: Program
) -> None:
    apply(cluster, program)
    set_by_hand(cluster)
    with pytest.raises(Conflicted) as fault:
        apply(cluster, program)
    assert fault.value.conflicts == (("kubectl-edit", ".spec.delivery.retry"),)
    assert fault.value.diagnostic.message == (
        "apply `Broker/digits-edge`: `kubectl-edit` has set `.spec.delivery.retry`"
    )
    told = apply(cluster, program, force=True)
    assert told.done == {"unchanged": len(applied_objects(program)) - 1, "changed": 1}


def set_by_hand(cluster: KubernetesCluster) -> None:
    address = f"/apis/eventing.knative.dev/v1/namespaces/{SPACE}/brokers/digits-edge"
    patch = {"spec": {"delivery": {"retry": 1}}}
    query = {"fieldManager": "kubectl-edit"}
    cluster._connection.ask("PATCH", address, query, patch, "application/merge-patch+json")


def test_an_object_of_another_study_is_not_taken(
    cluster: KubernetesCluster, program: Program
) -> None:
    trees = applied_objects(program)
    cluster.apply(trees[0])
    account = next(tree for tree in trees if tree["kind"] == "ServiceAccount")
    metadata = account["metadata"]
    assert isinstance(metadata, dict)
    theirs = account | {"metadata": metadata | {"labels": {PART_OF: "applyset-other-v1"}}}
    cluster.apply(theirs)
    with pytest.raises(Problem) as fault:
        apply(cluster, program)
    assert fault.value.diagnostic.code == "OFC629"


def test_a_namespace_that_one_may_not_change_is_left(
    server: ApiServer, cluster: KubernetesCluster, program: Program, tmp_path: Path
) -> None:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    server.users["token-of-guest"] = User("guest", {"patch namespaces"})
    told = apply(client(server, tmp_path, "token-of-guest"), program)
    assert told.done == {"left": 1, "created": len(applied_objects(program)) - 1}


def test_what_cannot_change_in_place_is_made_anew(
    cluster: KubernetesCluster, program: Program
) -> None:
    trees = applied_objects(program)
    binding = next(tree for tree in trees if tree["kind"] == "RoleBinding")
    reference, role = reference_of(binding), binding["roleRef"]
    assert isinstance(role, dict)
    cluster.apply(trees[0])
    cluster.apply(binding | {"roleRef": role | {"name": "another"}})
    told = apply(cluster, program, replaced=frozenset({reference}))
    assert told.done["replaced"] == 1
    assert (cluster.get(reference) or {})["roleRef"] == role


def test_a_claim_is_never_made_anew(cluster: KubernetesCluster, program: Program) -> None:
    apply(cluster, program)
    claim = Reference("v1", "PersistentVolumeClaim", SPACE, "digits-edge-data")
    with pytest.raises(Problem) as fault:
        apply(cluster, program, replaced=frozenset({claim}))
    assert fault.value.diagnostic.code == "OFC634"
    assert cluster.get(claim) is not None


# two at once


def test_a_later_apply_of_another_spec_stops_the_earlier_one(
    cluster: KubernetesCluster, program: Program
) -> None:
    _, new = compiled(MORE_TRIALS)
    overtake = Told(at=5, then=lambda: apply(cluster, new))
    with pytest.raises(Overtaken) as fault:
        apply(cluster, program, told=overtake)
    assert fault.value.diagnostic.message == (
        "the apply of `digits-edge` stops: another spec is being applied"
    )
    assert apply(cluster, new).done.keys() <= {"unchanged", "changed"}


def test_a_later_apply_of_the_same_spec_stops_nobody(
    cluster: KubernetesCluster, program: Program
) -> None:
    told = apply(cluster, program, told=Told(at=5, then=lambda: apply(cluster, program)))
    assert told.done == {"created": 5, "unchanged": len(applied_objects(program)) - 5}


def test_a_destroy_meanwhile_stops_an_apply(cluster: KubernetesCluster, program: Program) -> None:
    parent = apply_set_of(program).parent
    with pytest.raises(Overtaken) as fault:
        apply(cluster, program, told=Told(at=9, then=lambda: cluster.delete(parent)))
    assert fault.value.diagnostic.message.endswith("it was destroyed meanwhile")


def test_nothing_is_pruned_once_another_spec_is_applied(
    cluster: KubernetesCluster, program: Program
) -> None:
    apply(cluster, program)
    _, new = compiled(MORE_TRIALS)
    apply(cluster, new)
    found = pruning(members(cluster, new), [reference_of(t) for t in applied_objects(new)])
    cluster.apply(parent_tree(program, ()))
    with pytest.raises(Overtaken):
        prune(cluster, new, found)
    assert all(cluster.get(r) is not None for r in found.goes)


# what goes wrong on the way, and the next run


FAULTS: dict[str, tuple[dict[str, Any], type[ClusterFault]]] = {
    "the connection breaks off": ({"drop_after": 20}, Unreachable),
    "409": (
        {"answer": status(409, "Conflict", "Operation cannot be fulfilled: modified")},
        Conflicted,
    ),
    "403": ({"answer": status(403, "Forbidden", 'User "a" cannot patch resource "x"')}, Forbidden),
    "404": (
        {
            "answer": status(
                404, "NotFound", "namespaces not found", {"kind": "namespaces", "name": SPACE}
            )
        },
        Missing,
    ),
    "429": ({"answer": Answer(429, "slower")}, Failing),
    "500": ({"answer": status(500, "InternalError", "etcd")}, Failing),
    "503": ({"answer": Answer(503, "")}, Failing),
    "an expired token": ({"answer": status(401, "Unauthorized", "Unauthorized")}, Unauthorized),
}


@pytest.mark.parametrize("name", FAULTS)
def test_after_a_fault_in_the_middle_the_next_run_ends_as_a_clean_one(
    name: str,
    server: ApiServer,
    cluster: KubernetesCluster,
    program: Program,
    clean: dict[tuple[str, str], Any],
) -> None:
    planned, kind = FAULTS[name]
    fault = server.fail(method="PATCH", path="jobsinks", times=99, **planned)
    with pytest.raises(kind) as raised:
        apply(cluster, program)
    assert "JobSink/digits-edge-trial" in raised.value.diagnostic.message or kind in (
        Unreachable,
        Unauthorized,
    )
    assert raised.value.diagnostic.help
    server.faults.planned.remove(fault)
    told = apply(cluster, program)
    assert told.done.keys() <= {"created", "unchanged"}
    assert held(server) == clean


@pytest.mark.parametrize("name", ["the connection breaks off", "409", "429", "500", "503"])
def test_a_fault_that_passes_is_not_even_seen(
    name: str,
    server: ApiServer,
    cluster: KubernetesCluster,
    program: Program,
    clean: dict[tuple[str, str], Any],
) -> None:
    planned, _ = FAULTS[name]
    server.fail(method="PATCH", path="jobsinks", times=2, **planned)
    if name != "409":  # which no reading gets
        server.fail(method="GET", path="brokers", times=2, **planned)
    apply(cluster, program)
    assert held(server) == clean
