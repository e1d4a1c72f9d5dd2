"""What a destroy takes, in which order, and what it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
from omniforce.targets.platforms.kubernetes.cluster.applying import fence
from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Applied, Apply
from omniforce.targets.platforms.kubernetes.cluster.applying.destroy import (
    Destroy,
    Destruction,
    destruction,
)
from omniforce.targets.platforms.kubernetes.cluster.applying.fence import Overtaken
from omniforce.targets.platforms.kubernetes.cluster.applying.gone import NotGone
from omniforce.targets.platforms.kubernetes.cluster.applying.start import start_job
from omniforce.targets.platforms.kubernetes.cluster.belongings import belongings
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.cluster import (
    Forbidden,
    Reference,
    Unreachable,
)
from omniforce.targets.platforms.kubernetes.target import objects
from omniforce.targets.platforms.kubernetes.tick import tick
from tests.support.api_server import ApiServer, User
from tests.support.clusters import client
from tests.support.crd import needs_shared
from tests.support.live import compiled

pytestmark = needs_shared

STUDY, SPACE = "digits-edge", "ofc-digits-edge"


class Told:
    def __init__(self) -> None:
        self.references: list[Reference] = []

    def removed(self, reference: Reference) -> None:
        self.references.append(reference)

    def applied(self, applied: Applied, count: int, of: int) -> None:
        return


@pytest.fixture
def program(cluster: KubernetesCluster) -> Program:
    """A study that is applied."""
    program = compiled()[1]
    Apply(program, applied_objects(program)).run(cluster, Told())
    return program


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        import time

        time.sleep(0.01)  # for the controllers, which are a thread of their own
        self.now += seconds


def look(cluster: KubernetesCluster, **more: bool) -> Destruction:
    return destruction(belongings(cluster, STUDY, SPACE), **more)


def destroy(cluster: KubernetesCluster, what: Destruction, seconds: float = 100) -> list[Reference]:
    told, clock = Told(), Clock()
    Destroy(seconds, clock.pause, clock).run(cluster, what, told)
    return told.references


def foreign(name: str, kind: str = "ConfigMap", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": SPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def names(server: ApiServer) -> set[str]:
    return {f"{tree['kind']}/{tree['metadata']['name']}" for tree in server.objects()}


def test_data_namespace_and_what_is_not_ours_stay(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    cluster.apply(foreign("ofc-store", "Secret"))
    cluster.apply(foreign("theirs", **{"app.kubernetes.io/instance": STUDY}))
    destroy(cluster, look(cluster))
    assert names(server) == {
        f"Namespace/{SPACE}",
        "PersistentVolumeClaim/digits-edge-data",
        "Secret/ofc-store",
        "ConfigMap/theirs",
    }
    assert look(cluster).goes == ()


def test_what_wakes_the_study_goes_first_and_rights_last(
    cluster: KubernetesCluster, program: Program
) -> None:
    cluster.apply(tick(program))
    cluster.apply(start_job(program))
    *order, parent = destroy(cluster, look(cluster))
    assert list(dict.fromkeys(r.kind for r in order)) == [
        "PingSource",
        "Trigger",
        "InferenceService",
        "Pipeline",
        "PipelineVersion",
        "Broker",
        "Service",
        "Job",
        "JobSink",
        "ConfigMap",
        "Role",
        "RoleBinding",
        "ServiceAccount",
        "NetworkPolicy",
    ]
    assert parent.name == "digits-edge-applyset"


def test_a_study_that_runs_is_said_to(cluster: KubernetesCluster, program: Program) -> None:
    assert not belongings(cluster, STUDY, SPACE).runs
    cluster.apply(tick(program))
    assert belongings(cluster, STUDY, SPACE).runs


def test_trials_that_a_sink_made_go_as_well(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    job = start_job(program)
    labels = {"app.kubernetes.io/instance": STUDY, "sinks.knative.dev/job-sink": "x"}
    metadata = {"name": "a-trial", "namespace": SPACE, "labels": labels}
    cluster.apply(job | {"metadata": metadata})
    destroy(cluster, look(cluster))
    assert "Job/a-trial" not in names(server)


def test_the_volume_goes_when_told(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    destroy(cluster, look(cluster, data=True))
    assert names(server) == {f"Namespace/{SPACE}"}


def test_the_namespace_goes_when_told_with_all_that_is_in_it(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    cluster.apply(foreign("ofc-store", "Secret"))
    destroy(cluster, look(cluster, namespace=True))
    assert names(server) == set()


def test_a_namespace_that_is_not_ours_stays_whatever_is_told(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    program = compiled()[1]
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    for tree in applied_objects(program)[1:]:
        cluster.apply(tree)
    destroy(cluster, look(cluster, namespace=True))
    assert names(server) == {f"Namespace/{SPACE}"}


def test_what_kubectl_applied_is_found_by_its_labels(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    for tree in objects(compiled()[1]):
        cluster.apply(tree)
    destroy(cluster, look(cluster, data=True))
    assert names(server) == {f"Namespace/{SPACE}"}


def test_a_finalizer_that_nobody_removes_is_named_and_the_next_run_goes_on(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    server.controllers.keeping.add("inferenceservice.finalizers")
    with pytest.raises(NotGone) as fault:
        destroy(cluster, look(cluster), seconds=3)
    assert fault.value.diagnostic.message == (
        "not gone in time: `InferenceService/digits-edge` (held by `inferenceservice.finalizers`)"
    )
    server.controllers.keeping.clear()
    server.controllers.again()
    destroy(cluster, look(cluster))
    assert look(cluster).goes == ()


def test_a_break_in_the_middle_and_the_next_run_goes_on(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    what = look(cluster)
    server.fail(method="DELETE", path="jobsinks", times=99, drop_after=3)
    server.fail(method="GET", path="jobsinks/", times=99, drop_after=3)
    with pytest.raises(Unreachable):
        destroy(cluster, what)
    server.faults.planned.clear()
    destroy(cluster, look(cluster))
    assert look(cluster).goes == ()


def test_an_object_made_anew_meanwhile_stays(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    what = look(cluster)
    broker = next(b.reference for b in what.goes if b.reference.kind == "Broker")
    old = cluster.get(broker)
    assert old is not None
    cluster.delete(broker)
    tree = next(t for t in applied_objects(program) if t["kind"] == "Broker")
    cluster.apply(tree)
    destroy(cluster, what)
    assert cluster.get(broker) is not None


def test_an_apply_that_is_under_way_stops_at_once(
    cluster: KubernetesCluster, program: Program
) -> None:
    what = look(cluster)
    told = Told()

    def applies(reference: Reference) -> None:
        if not told.references:
            with pytest.raises(Overtaken) as fault:
                fence.check(cluster, program)
            assert fault.value.diagnostic.message.endswith("it was destroyed meanwhile")
        Told.removed(told, reference)

    told.removed = applies  # type: ignore[method-assign]
    Destroy(100).run(cluster, what, told)
    assert len(told.references) == len(what.goes)


def test_a_kind_that_one_may_not_list_and_that_is_not_of_the_set_is_named(
    server: ApiServer, program: Program, tmp_path: Path
) -> None:
    server.users["token-of-guest"] = User("guest", {"list experiments"})
    guest = client(server, tmp_path, "token-of-guest")
    assert belongings(guest, STUDY, SPACE).unseen == ("Experiment.kubeflow.org",)
    server.users["token-of-guest"] = User("guest", {"list brokers"})
    with pytest.raises(Forbidden):
        belongings(guest, STUDY, SPACE)
