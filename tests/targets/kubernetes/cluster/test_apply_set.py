"""The set of what is a study's own, by KEP-3659."""

from __future__ import annotations

from omniforce.targets.platforms.kubernetes.cluster.apply_set import (
    PART_OF,
    applied_objects,
    apply_set_of,
    id_of,
    kinds_there,
    members,
    parent_tree,
)
from omniforce.targets.platforms.kubernetes.cluster.applying.prune import Pruning, pruning
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference, reference_of
from tests.support.api_server import ApiServer
from tests.support.clusters import config_map, namespace
from tests.support.crd import needs_shared
from tests.support.live import compiled

PARENT = Reference("v1", "ConfigMap", "ofc-digits-edge", "digits-edge-applyset")


def test_the_id_is_the_one_that_kubectl_gives() -> None:
    # what `kubectl apply --prune --applyset` 1.32 wrote against a real API server
    config_map = Reference("v1", "ConfigMap", "aps", "digits-edge-applyset")
    secret = Reference("v1", "Secret", "aps", "digits-edge-applyset")
    assert id_of(config_map) == "applyset-6rZZ0SEfbFlqAyLkmy0rL7o_GG7OIsNjLPKzrRlmtJo-v1"
    assert id_of(secret) == "applyset-Um4G8ywoM-nRrzj5H2Qbtw1TVTAWof9AN-A1tQVrQoE-v1"


def test_the_parent_lists_kinds_and_tool() -> None:
    _, program = compiled()
    parent = parent_tree(program, ("Job.batch", "ConfigMap", "Job.batch"))
    metadata = parent["metadata"]
    assert isinstance(metadata, dict)
    assert reference_of(parent) == PARENT
    assert metadata["labels"]["applyset.kubernetes.io/id"] == id_of(PARENT)
    annotations = metadata["annotations"]
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap,Job.batch"
    assert annotations["applyset.kubernetes.io/tooling"].startswith("ofc/v")
    assert kinds_there(parent) == ("ConfigMap", "Job.batch")


def test_every_object_but_the_namespace_is_a_member() -> None:
    _, program = compiled()
    outside = [
        reference_of(tree)
        for tree in applied_objects(program)
        if tree["metadata"]["labels"].get(PART_OF) != apply_set_of(program).id  # type: ignore[index]
    ]
    assert outside == [Reference("v1", "Namespace", None, "ofc-digits-edge")]


@needs_shared
def test_members_are_found_in_kinds_that_the_spec_has_no_more(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    _, program = compiled()
    cluster.apply(namespace("ofc-digits-edge"))
    cluster.apply(parent_tree(program, ("Secret", "Gone.nobody.dev")))
    secret = member("Secret", "old", apply_set_of(program).id)
    cluster.apply(secret)
    cluster.apply(member("Secret", "of-another-set", "applyset-other-v1"))
    cluster.apply(member("ConfigMap", "of-nobody", None))
    assert members(cluster, program) == (reference_of(secret),)


def member(kind: str, name: str, set_id: str | None) -> dict[str, object]:
    labels = {} if set_id is None else {PART_OF: set_id}
    metadata = {"name": name, "namespace": "ofc-digits-edge", "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def test_what_holds_data_and_namespaces_are_never_pruned() -> None:
    kept = reference_of(config_map("kept"))
    gone = reference_of(config_map("gone"))
    claim = Reference("v1", "PersistentVolumeClaim", "here", "data")
    space = Reference("v1", "Namespace", None, "here")
    assert pruning((kept, gone, claim, space), (kept,)) == Pruning((gone,), (claim,))


def test_another_version_of_a_kind_is_the_same_object() -> None:
    old = Reference("kueue.x-k8s.io/v1beta1", "LocalQueue", "here", "line")
    new = Reference("kueue.x-k8s.io/v1beta2", "LocalQueue", "here", "line")
    assert pruning((old,), (new,)) == Pruning((), ())
