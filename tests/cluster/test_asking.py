"""What the client asks of a real API server."""

from __future__ import annotations

import pytest

from omniforce.targets.platforms.kubernetes.cluster.client import client
from omniforce.targets.platforms.kubernetes.cluster.cluster import Missing, Reference
from tests.support.crd import needs_shared

from .conftest import OnCluster, Tree

pytestmark = [pytest.mark.cluster, needs_shared]


def config_map(here: OnCluster, name: str, **data: str) -> Tree:
    metadata = {"name": name, "namespace": here.namespace, "labels": {"ofc-test": "asking"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture(autouse=True)
def namespace(here: OnCluster) -> None:
    here.cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": here.namespace}}
    )


def test_says_its_version_and_its_kinds(here: OnCluster) -> None:
    assert here.cluster.version().startswith("v1.")
    assert here.cluster.serves("v1", "ConfigMap")
    assert not here.cluster.serves("v1", "Nonsense")
    assert not here.cluster.serves("nobody.example/v1", "Nonsense")
    assert here.cluster.preferred("batch", "Job") == "batch/v1"
    assert here.cluster.preferred("nobody.example", "Nonsense") is None


def test_lists_every_page(here: OnCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 3)
    names = [f"page-{i:02}" for i in range(10)]
    for name in names:
        here.cluster.apply(config_map(here, name))
    found = here.cluster.list("v1", "ConfigMap", here.namespace, {"ofc-test": "asking"})
    assert [t["metadata"]["name"] for t in found if "page-" in str(t["metadata"])] == names  # type: ignore[index]
    for name in names:
        assert here.cluster.delete(Reference("v1", "ConfigMap", here.namespace, name))


def test_watches_what_happens(here: OnCluster) -> None:
    here.cluster.apply(config_map(here, "watched", color="red"))
    seen = []
    for event in here.cluster.watch("v1", "ConfigMap", here.namespace, 30):
        if event.object["metadata"]["name"] != "watched":  # type: ignore[index]
            continue
        seen.append(event.what)
        if event.what == "added":
            here.cluster.apply(config_map(here, "watched", color="blue"))
        elif event.what == "modified":
            here.cluster.delete(Reference("v1", "ConfigMap", here.namespace, "watched"))
        else:
            break
    assert seen == ["added", "modified", "deleted"]


def test_a_dry_run_writes_nothing(here: OnCluster) -> None:
    would = here.cluster.apply(config_map(here, "dry", color="red"), dry_run=True)
    assert would["data"] == {"color": "red"}
    assert here.cluster.get(Reference("v1", "ConfigMap", here.namespace, "dry")) is None


def test_a_namespace_that_is_not_there_is_named(here: OnCluster) -> None:
    tree = config_map(here, "lost")
    tree["metadata"]["namespace"] = "ofc-test-nowhere"
    with pytest.raises(Missing) as fault:
        here.cluster.apply(tree)
    assert "the namespace `ofc-test-nowhere` is not there" in fault.value.diagnostic.message


def test_a_delete_of_another_s_successor_deletes_nothing(here: OnCluster) -> None:
    here.cluster.apply(config_map(here, "kept"))
    reference = Reference("v1", "ConfigMap", here.namespace, "kept")
    wrong = "00000000-0000-0000-0000-000000000000"
    assert here.cluster.delete(reference, uid=wrong) is False
    assert here.cluster.get(reference) is not None
    assert here.cluster.delete(reference) is True
    assert here.cluster.delete(reference) is False


def test_what_one_may_do_can_be_asked(here: OnCluster) -> None:
    asked = {"verb": "patch", "resource": "configmaps", "namespace": here.namespace}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    status = here.cluster.review(review)["status"]
    assert isinstance(status, dict)
    assert status["allowed"] is True
