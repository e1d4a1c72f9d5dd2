"""Exchanges that a real API server was asked for, so that the one in the test can be held to it.

`python -m tests.support.api_server.exchanges KUBECONFIG > tests/support/api_server/recorded.json`
asks a real one, with the CRDs of ../shared/crds and without the projects' webhooks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omniforce.targets.platforms.kubernetes.cluster.client.connection import APPLY
from omniforce.targets.platforms.kubernetes.cluster.client.identity import open_connection

Tree = dict[str, Any]

MERGE = "application/merge-patch+json"
HERE = "/api/v1/namespaces/recorded"
DEPLOYMENT = "/apis/apps/v1/namespaces/recorded/deployments/web"
POLICY = "/apis/networking.k8s.io/v1/namespaces/recorded/networkpolicies/open"
TRIGGER = "/apis/eventing.knative.dev/v1/namespaces/recorded/triggers/first"
QUEUE = "/apis/kueue.x-k8s.io/v1beta2/namespaces/recorded/localqueues/line"
BINDING = "/apis/rbac.authorization.k8s.io/v1/namespaces/recorded/rolebindings/bound"


@dataclass(frozen=True)
class Step:
    """One request, with what it shows."""

    shows: str
    method: str
    path: str
    query: dict[str, str]
    body: Tree | None = None
    content: str = "application/json"


def steps() -> Iterator[Step]:
    """What is asked, one after the other."""
    one = f"{HERE}/configmaps/one"
    yield _apply("a namespace that is not there", one, "ofc", _map(a="1"))
    yield _apply("also in a dry run", one, "ofc", _map(a="1"), dryRun="All")
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "recorded"}}
    yield _apply("a namespace", HERE, "ofc", space)
    yield _apply("a new object", one, "ofc", _map(a="1", b="2"))
    yield _apply("nothing changes", one, "ofc", _map(a="1", b="2"))
    yield _apply("two conflicts with one manager", one, "other", _map(a="3", b="4"))
    yield _apply("the same value is shared", one, "other", _map(a="1"))
    yield _apply("what one lets go and another holds stays", one, "ofc", _map(z="1"))
    yield _apply("what is taken by force", one, "third", _map(a="9", z="2"), force="true")
    yield Step("who owns it then", "GET", one, {})
    yield _apply("conflicts with two managers", one, "fourth", _map(a="0", z="0"))
    yield _apply("what nobody holds any more goes", one, "third", _map(z="2"))
    patch = {"data": {"z": "5", "p": "6"}}
    yield Step("an update takes fields", "PATCH", one, {"fieldManager": "edit"}, patch, MERGE)
    yield _apply("a conflict with an update", one, "third", _map(z="2"))
    yield _apply("a dry run of it", one, "third", _map(z="2"), force="true", dryRun="All")
    yield _apply("a field that no schema has", one, "ofc", _map() | {"spec": {}})
    yield _apply("another name than the address", one, "ofc", _map(name="two"))
    labelled = _map(a="1")
    labelled["metadata"] |= {"labels": {"x/y": "1"}, "finalizers": ["example.com/a"]}
    yield _apply(
        "labels and a finalizer", f"{HERE}/configmaps/two", "ofc", labelled | _named("two")
    )
    more = _named("two")
    more["metadata"]["finalizers"] = ["example.com/b"]
    yield _apply("a finalizer more", f"{HERE}/configmaps/two", "other", more | _kind())
    yield _apply("without the first", f"{HERE}/configmaps/two", "ofc", _map(a="1") | _named("two"))
    yield _apply("containers by name", DEPLOYMENT, "ofc", _deployment(_container("web", A="1")))
    side = _container("side", B="2")
    yield _apply("a container more", DEPLOYMENT, "other", _deployment(side, selector=False))
    both = _deployment(_container("web", A="1", C="3"), selector=True)
    yield _apply("an item of a list in a list", DEPLOYMENT, "ofc", both)
    other = _deployment(_container("web", A="2"), selector=False)
    yield _apply("a conflict in a list in a list", DEPLOYMENT, "third", other)
    yield _apply("an item that goes", DEPLOYMENT, "other", _deployment(selector=False))
    yield _apply("an atomic list", POLICY, "ofc", _policy(80))
    yield _apply("a conflict on the whole of it", POLICY, "other", _policy(81))
    yield _apply("a custom resource", TRIGGER, "ofc", _trigger(source="a"))
    yield _apply("its entries", TRIGGER, "other", _trigger(type="b"))
    yield _apply("a type that is wrong", TRIGGER, "ofc", _trigger() | {"spec": {"broker": 7}})
    yield _apply("a value that is wrong", QUEUE, "ofc", _queue("Upper"))
    yield _apply("a default of the CRD", QUEUE, "ofc", _queue("lower"))
    yield _apply("a binding", BINDING, "ofc", _binding("a"))
    yield _apply("a binding to another role", BINDING, "ofc", _binding("b"))
    fixed = _map(a="1") | _named("fixed") | {"immutable": True}
    yield _apply("an immutable map", f"{HERE}/configmaps/fixed", "ofc", fixed)
    changed = fixed | {"data": {"a": "2"}}
    yield _apply("a change of it", f"{HERE}/configmaps/fixed", "ofc", changed)
    yield Step("it exists", "POST", f"{HERE}/configmaps", {}, fixed)
    yield Step("an object that is not there", "GET", f"{HERE}/configmaps/nobody", {})
    yield Step("a custom one", "GET", f"{TRIGGER}s", {})
    yield Step("a page of a list", "GET", f"{HERE}/configmaps", {"limit": "1"})
    yield Step("by label", "GET", f"{HERE}/configmaps", {"labelSelector": "x/y=1"})
    options = _options(preconditions={"uid": "of-another"})
    yield Step("another uid", "DELETE", one, {}, options)
    yield Step("a deletion", "DELETE", one, {}, _options())
    yield Step("of what is gone", "DELETE", one, {}, _options())
    yield Step("held by a finalizer", "DELETE", f"{HERE}/configmaps/two", {}, _options())
    yield Step("a namespace ends", "DELETE", HERE, {}, _options())
    yield _apply("and takes nothing new", f"{HERE}/configmaps/late", "ofc", _map() | _named("late"))
    freed = {"metadata": {"finalizers": None}}
    path = f"{HERE}/configmaps/two"
    yield Step("the finalizer is done", "PATCH", path, {"fieldManager": "edit"}, freed, MERGE)


def _apply(shows: str, path: str, manager: str, tree: Tree, **query: str) -> Step:
    asked = {"fieldManager": manager, "fieldValidation": "Strict", **query}
    return Step(shows, "PATCH", path, asked, tree, APPLY)


def _kind() -> Tree:
    return {"apiVersion": "v1", "kind": "ConfigMap"}


def _named(name: str) -> Tree:
    return {"metadata": {"name": name, "namespace": "recorded"}}


def _map(name: str = "one", **data: str) -> Tree:
    return _kind() | _named(name) | ({"data": data} if data else {})


def _container(name: str, **environment: str) -> Tree:
    env = [{"name": key, "value": value} for key, value in environment.items()]
    ports = [{"containerPort": 8080 + len(name)}]
    return {"name": name, "image": "image:1", "env": env, "ports": ports}


def _deployment(*containers: Tree, selector: bool = True) -> Tree:
    labels = {"app": "web"}
    spec: Tree = {"selector": {"matchLabels": labels}} if selector else {}
    template: Tree = {"metadata": {"labels": labels}} if selector else {}
    template |= {"spec": {"containers": list(containers)}} if containers else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        **_named("web"),
        "spec": spec | ({"template": template} if template else {}),
    }


def _policy(port: int) -> Tree:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        **_named("open"),
        "spec": {
            "podSelector": {"matchLabels": {"a": "b"}},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": [{"port": port, "protocol": "TCP"}]}],
        },
    }


def _trigger(**attributes: str) -> Tree:
    spec: Tree = {"broker": "events", "subscriber": {"uri": "http://a.example"}}
    spec |= {"filter": {"attributes": attributes}} if attributes else {}
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        **_named("first"),
        "spec": spec,
    }


def _queue(cluster_queue: str) -> Tree:
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "LocalQueue",
        **_named("line"),
        "spec": {"clusterQueue": cluster_queue},
    }


def _binding(role: str) -> Tree:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        **_named("bound"),
        "roleRef": {"apiGroup": group, "kind": "Role", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": "s", "namespace": "recorded"}],
    }


def _options(**more: Any) -> Tree:
    made = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
    return made | more


def exchange(kubeconfig: str) -> list[Tree]:
    """Every step with its answer, without what differs from run to run."""
    connection = open_connection(None, kubeconfig)
    made = []
    for step in steps():
        answer = connection._once(step.method, step.path, step.query, step.body, step.content)
        try:
            body = json.loads(answer.body)
        except ValueError:
            body = answer.body.decode()
        made.append({"shows": step.shows, "code": answer.status, "body": stable(body)})
    return made


_PASSING = frozenset(
    {"uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "continue"}
)
_SERVERS = frozenset({"status", "generation"})


def stable(value: Any) -> Any:
    """What is the same each time, and is ours to hold the server in the test to."""
    if isinstance(value, list):
        return [stable(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("kind") == "Status":
        return _status(value)
    if value.get("kind") == "Deployment":  # Kubernetes fills in much of its own
        value = {"managedFields": value["metadata"]["managedFields"]}
    kept = {k: v for k, v in value.items() if k not in _PASSING | _SERVERS}
    return {key: stable(each) for key, each in kept.items()}


def _status(plain: Tree) -> Tree:
    """A refusal of a value says much in words of its own; a conflict is told word for word."""
    details = {k: v for k, v in plain.get("details", {}).items() if k != "uid"}
    if plain.get("code") == 422:
        causes = [(c["reason"], c["field"]) for c in details.pop("causes", ())]
        details["causes"] = [list(c) for c in causes if c[1] != "<nil>"]
        return {"code": 422, "reason": plain["reason"], "details": details}
    message = plain.get("message", "").partition(", got ")[0]
    message = message.partition(" using ")[0] if " using " in message else message
    if "causes" in details:
        details["causes"] = [
            c | {"message": c["message"].partition(" using ")[0]} for c in details["causes"]
        ]
    if "UID in the precondition" in message:
        message = message.partition(" does not match")[0]
    kept = {k: plain[k] for k in ("code", "reason") if k in plain}
    return kept | {"message": message, "details": details}


if __name__ == "__main__":
    json.dump(exchange(sys.argv[1]), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
