"""The client against the API server in the test: what it asks for, and what it makes of answers."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster, connect
from omniforce.targets.platforms.kubernetes.cluster.cluster import (
    ClusterFault,
    Conflicted,
    Event,
    Failing,
    Forbidden,
    Missing,
    Reference,
    Refused,
    Unauthorized,
    Unreachable,
)
from tests.support.api_server import Answer, ApiServer, User, status
from tests.support.clusters import broker, client, config_map, kubeconfig, namespace, said
from tests.support.crd import needs_shared

pytestmark = needs_shared

ONE = Reference("v1", "ConfigMap", "here", "one")


def data(tree: Any) -> Any:
    return None if tree is None else tree.get("data")


def test_says_which_cluster_it_is_and_of_which_version(cluster: KubernetesCluster) -> None:
    assert (cluster.name, cluster.version()) == ("in-test", "v1.36.2")


def test_discovery_is_asked_once_for_each_group(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    known = [cluster.serves("eventing.knative.dev/v1", k) for k in ("Broker", "Trigger", "Broker")]
    assert known == [True, True, True]
    assert [a.path for a in server.asked] == ["/apis/eventing.knative.dev/v1"]
    assert not cluster.serves("nobody.dev/v1", "Thing")
    assert cluster.preferred("batch", "Job") == "batch/v1"
    assert cluster.preferred("nobody.dev", "Thing") is None


def test_what_is_applied_can_be_read_listed_and_deleted(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    cluster.apply(config_map(color="red"))
    assert data(cluster.get(ONE)) == {"color": "red"}
    (listed,) = cluster.list("v1", "ConfigMap", "here")
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMap", "v1")
    assert cluster.delete(ONE) is True
    assert cluster.delete(ONE) is False
    assert cluster.get(ONE) is None


def test_a_dry_run_writes_nothing(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    assert data(cluster.apply(config_map(color="red"), dry_run=True)) == {"color": "red"}
    assert cluster.get(ONE) is None


def test_what_the_cluster_does_not_have_is_neither_read_nor_deleted(
    cluster: KubernetesCluster,
) -> None:
    nothing = Reference("nobody.dev/v1", "Thing", "here", "one")
    assert cluster.get(nothing) is None
    assert cluster.delete(nothing) is False
    with pytest.raises(Missing) as fault:
        cluster.list("nobody.dev/v1", "Thing")
    assert said(fault.value) == ("OFC623", "the cluster does not serve `Thing` of `nobody.dev/v1`")


def test_lists_go_through_every_page(cluster: KubernetesCluster, server: ApiServer) -> None:
    cluster.apply(namespace())
    for i in range(260):
        cluster.apply(config_map(f"map-{i:03}"))
    found = cluster.list("v1", "ConfigMap", "here")
    assert [tree["metadata"]["name"] for tree in found] == [f"map-{i:03}" for i in range(260)]  # type: ignore[index]
    assert sum("continue" in asked.query for asked in server.asked) == 1


def test_a_list_that_the_server_forgot_is_read_from_the_start(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    cluster.apply(namespace())
    for i in range(260):
        cluster.apply(config_map(f"map-{i:03}"))
    server.fail(method="GET", path="continue=", answer=status(410, "Expired", "too old"))
    assert len(cluster.list("v1", "ConfigMap", "here")) == 260


def test_labels_select(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    for name in ("red", "green"):
        tree = config_map(name)
        tree["metadata"]["labels"] = {"color": name}
        cluster.apply(tree)
    found = cluster.list("v1", "ConfigMap", "here", {"color": "red"})
    assert [tree["metadata"]["name"] for tree in found] == ["red"]  # type: ignore[index]


def test_an_object_made_anew_under_the_name_is_not_deleted(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    cluster.apply(config_map())
    assert cluster.delete(ONE, uid="of-an-older-one") is False
    assert cluster.get(ONE) is not None


# what the server says against it


def test_a_conflict_names_manager_and_field_and_the_way_out(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    cluster.apply(namespace())
    cluster.apply(config_map(color="red", shape="round"))
    take(server, "helm", config_map(color="blue"))
    with pytest.raises(Conflicted) as fault:
        cluster.apply(config_map(color="red", shape="round"))
    assert fault.value.conflicts == (("helm", ".data.color"),)
    assert said(fault.value) == (
        "OFC624",
        "apply `ConfigMap/one`: `helm` has set `.data.color`",
    )
    assert "--force-conflicts" in fault.value.diagnostic.help
    assert data(cluster.apply(config_map(color="red"), force=True)) == {"color": "red"}


def take(server: ApiServer, manager: str, tree: dict[str, Any]) -> None:
    """Another manager applies by force."""
    kind = server.requests.kind("", "v1", "configmaps")
    assert kind is not None
    query = {"fieldManager": manager, "force": "true"}
    name = tree["metadata"]["name"]
    server.requests.apply(kind, "here", name, tree, query, User())


def test_a_missing_namespace_is_named(cluster: KubernetesCluster) -> None:
    with pytest.raises(Missing) as fault:
        cluster.apply(config_map())
    assert said(fault.value) == (
        "OFC623",
        "apply `ConfigMap/one`: the namespace `here` is not there",
    )


def test_an_unknown_field_is_refused_and_not_tried_again(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    cluster.apply(namespace())
    with pytest.raises(Refused) as fault:
        cluster.apply(config_map() | {"spec": {}})
    assert said(fault.value) == (
        "OFC625",
        "apply `ConfigMap/one`: the API server refuses it: .spec: field not declared in schema",
    )
    assert sum(asked.status == 500 for asked in server.asked) == 1


def test_a_webhook_that_refuses_is_named(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    container = {"name": "user-container", "image": "a"}
    spec = {"serviceAccountName": "nobody", "containers": [container]}
    service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "one", "namespace": "here"},
        "spec": {"template": {"spec": spec}},
    }
    with pytest.raises(Refused) as fault:
        cluster.apply(service, dry_run=True)
    code, message = said(fault.value)
    assert code == "OFC625"
    assert message == (
        "apply `Service/one`: the webhook `validation.webhook.serving.knative.dev` refuses it: "
        'validation callback failed: dry run failed with pods "dry-run-validation" is forbidden: '
        'error looking up service account here/nobody: serviceaccount "nobody" not found: '
        "spec.template"
    )


def test_a_field_that_cannot_change_is_named(cluster: KubernetesCluster) -> None:
    cluster.apply(namespace())
    cluster.apply(config_map(color="red") | {"immutable": True})
    with pytest.raises(Refused) as fault:
        cluster.apply(config_map(color="blue") | {"immutable": True})
    assert said(fault.value) == (
        "OFC625",
        "apply `ConfigMap/one`: `data`: Forbidden: field is immutable when `immutable` is set",
    )


def test_what_one_may_not_do_is_said_with_the_question_to_ask(
    server: ApiServer, tmp_path: Path
) -> None:
    server.users["token-of-guest"] = User("guest", {"patch configmaps"})
    cluster = client(server, tmp_path, "token-of-guest")
    cluster.apply(namespace())
    with pytest.raises(Forbidden) as fault:
        cluster.apply(config_map())
    assert said(fault.value) == (
        "OFC622",
        "apply `ConfigMap/one`: `guest` may not patch `configmaps` in `here`",
    )
    assert "kubectl auth can-i patch configmaps -n here" in fault.value.diagnostic.help


def test_a_namespace_that_ends_takes_nothing_new(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.keeping.add("kubernetes.io/pvc-protection")
    cluster.apply(namespace())
    cluster.apply(claim())
    cluster.delete(Reference("v1", "Namespace", None, "here"))
    with pytest.raises(Refused) as fault:
        cluster.apply(config_map())
    assert said(fault.value) == (
        "OFC625",
        "apply `ConfigMap/one`: the namespace is being deleted",
    )


def claim() -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "here"},
        "spec": spec,
    }


# what goes wrong on the way


def test_a_review_is_posted_and_answered(server: ApiServer, tmp_path: Path) -> None:
    server.users["token-of-guest"] = User("guest", {"patch jobs"})
    cluster = client(server, tmp_path, "token-of-guest")
    asked = {"resourceAttributes": {"verb": "patch", "resource": "jobs", "namespace": "here"}}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": asked,
    }
    assert cluster.review(review)["status"] == {"allowed": False}


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(
    cluster: KubernetesCluster, server: ApiServer, code: int
) -> None:
    cluster.apply(namespace())
    server.fail(method="PATCH", path="configmaps", times=3, answer=Answer(code, "busy"))
    assert data(cluster.apply(config_map(color="red"))) == {"color": "red"}


def test_a_server_in_trouble_for_long_is_said_to_be_so(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    cluster.apply(namespace())
    busy = status(503, "ServiceUnavailable", "etcd is away")
    server.fail(method="PATCH", path="configmaps", times=99, answer=busy)
    with pytest.raises(Failing) as fault:
        cluster.apply(config_map())
    assert said(fault.value) == (
        "OFC626",
        "apply `ConfigMap/one`: `in-test` fails with 503: etcd is away",
    )


def test_the_server_says_how_long_to_wait(server: ApiServer, tmp_path: Path) -> None:
    waited: list[float] = []
    cluster = client(server, tmp_path, pause=waited.append)
    many = Answer(429, "slower", {"Retry-After": "7"})
    server.fail(path="/api/v1/namespaces/here", times=2, answer=many)
    cluster.apply(namespace())
    assert waited == [7.0, 7.0]


def test_too_many_requests_for_long_are_said(cluster: KubernetesCluster, server: ApiServer) -> None:
    server.fail(path="namespaces/here", times=99, answer=Answer(429, "slower"))
    with pytest.raises(Failing) as fault:
        cluster.apply(namespace())
    assert said(fault.value) == (
        "OFC626",
        "`in-test` has too many requests to answer: apply `Namespace/here`",
    )


@pytest.mark.parametrize("after", [0, 1, 40])
def test_a_connection_that_breaks_off_is_tried_again(
    cluster: KubernetesCluster, server: ApiServer, after: int
) -> None:
    cluster.apply(namespace())
    server.fail(method="PATCH", path="configmaps", times=2, drop_after=after)
    assert data(cluster.apply(config_map(color="red"))) == {"color": "red"}
    server.fail(method="DELETE", path="configmaps", drop_after=after)
    assert cluster.delete(ONE) is False  # it was deleted by the request whose answer was lost
    assert cluster.get(ONE) is None


def test_a_connection_that_always_breaks_off_is_said_to(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.fail(path="namespaces/here", times=99, drop_after=10)
    with pytest.raises(Unreachable) as fault:
        cluster.apply(namespace())
    assert said(fault.value) == (
        "OFC620",
        "the API server of `in-test` broke off the connection",
    )


def test_nobody_answers(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    cluster = connect(None, str(kubeconfig(tmp_path, f"http://127.0.0.1:{port}")))
    waited: list[float] = []
    cluster._connection.pause = waited.append  # type: ignore[attr-defined]
    with pytest.raises(Unreachable) as fault:
        cluster.version()
    assert said(fault.value) == (
        "OFC620",
        "the API server of `somewhere` does not answer: the connection is refused",
    )
    assert waited == [0.25, 1.0]  # an address that never answered is soon given up


def test_an_expired_token_is_said_and_never_shown(server: ApiServer, tmp_path: Path) -> None:
    cluster = client(server, tmp_path, "token-of-yesterday")
    with pytest.raises(Unauthorized) as fault:
        cluster.apply(namespace())
    assert said(fault.value) == (
        "OFC621",
        "`in-test` does not know who asks: the token has expired, or there is none",
    )
    assert "yesterday" not in repr(fault.value.diagnostic) + repr(cluster)


def test_a_token_that_is_renewed_meanwhile_is_read_anew(server: ApiServer, tmp_path: Path) -> None:
    cluster = client(server, tmp_path)
    cluster.apply(namespace())
    server.users.clear()
    server.users["token-of-today"] = User()
    server.kubeconfig(tmp_path / "kubeconfig", "token-of-today")
    assert data(cluster.apply(config_map(color="red"))) == {"color": "red"}


def test_what_is_no_api_server_is_told_from_one(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.fail(path="/version", answer=Answer(200, "<html>log in</html>"))
    with pytest.raises(ClusterFault) as fault:
        cluster.version()
    assert fault.value.diagnostic.code == "OFC628"


# watches


def names(events: list[Event]) -> list[tuple[str, str]]:
    return [(e.what, e.object["metadata"]["name"]) for e in events]  # type: ignore[index]


def test_a_watch_tells_what_is_there_and_what_happens(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    cluster.apply(namespace())
    cluster.apply(broker("first"))
    watch = cluster.watch("eventing.knative.dev/v1", "Broker", "here", 5)
    seen = [next(watch)]
    cluster.apply(broker("second"))
    seen.append(next(watch))
    cluster.delete(Reference("eventing.knative.dev/v1", "Broker", "here", "first"))
    seen.append(next(watch))
    assert names(seen) == [("added", "first"), ("added", "second"), ("deleted", "first")]


def test_a_watch_goes_on_after_a_break_and_tells_nothing_twice(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    cluster.apply(namespace())
    cluster.apply(broker("first"))
    server.fail(path="watch=true", drop_after=30, times=2)
    watch = cluster.watch("eventing.knative.dev/v1", "Broker", "here", 5)
    seen = [next(watch)]
    cluster.apply(broker("second"))
    seen.append(next(watch))
    assert names(seen) == [("added", "first"), ("added", "second")]


def test_a_watch_that_the_server_forgot_reads_the_list_anew(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    cluster.apply(namespace())
    cluster.apply(broker("first"))
    cluster.apply(broker("second"))
    watch = cluster.watch("eventing.knative.dev/v1", "Broker", "here", 5)
    seen = [next(watch), next(watch)]
    cluster.delete(Reference("eventing.knative.dev/v1", "Broker", "here", "first"))
    cluster.apply(broker("third"))
    server.forget()
    seen += [next(watch), next(watch)]
    assert names(seen) == [
        ("added", "first"),
        ("added", "second"),
        ("deleted", "first"),
        ("added", "third"),
    ]


def test_a_watch_that_is_slow_ends_in_time_with_what_it_saw(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    cluster.apply(namespace())
    cluster.apply(broker("first"))
    server.fail(path="watch=true", delay=1.5, times=99)
    seen = list(cluster.watch("eventing.knative.dev/v1", "Broker", "here", 1))
    assert names(seen) == [("added", "first")]


def test_a_watch_that_breaks_off_for_ever_is_an_error(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    cluster.apply(namespace())
    server.fail(path="watch=true", drop_after=0, times=99, answer=None)
    server.stopped.set()  # each watch ends at once, without a word
    watch = cluster.watch("eventing.knative.dev/v1", "Broker", "here", 30)
    with pytest.raises(Unreachable):
        list(watch)
