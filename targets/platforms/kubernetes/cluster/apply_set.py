"""What of a cluster is a study's own: an ApplySet (KEP-3659), known by labels.

A ConfigMap beside the objects is the parent: its annotation lists the kinds in the set. Every
member carries the set's id as a label, so that whoever prunes finds all of them and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.compiler.version import VERSION
from omniforce.spec.frozen import dataclass

from ..check.look import text
from ..names import named, namespace_of
from ..objects import DOMAIN, Tree, labels_of
from ..target import objects
from .cluster import Cluster, Missing, Reference, reference_of

ID: Final = "applyset.kubernetes.io/id"
PART_OF: Final = "applyset.kubernetes.io/part-of"
TOOLING: Final = "applyset.kubernetes.io/tooling"
KINDS: Final = "applyset.kubernetes.io/contains-group-kinds"

DIGEST: Final = f"{DOMAIN}/spec-digest"

OUTSIDE: Final = frozenset({"Namespace"})
"""Kinds that never belong to the set: who prunes or destroys must not take a namespace along."""


@dataclass(frozen=True, slots=True)
class ApplySet:
    """The set of a study."""

    parent: Reference
    id: str


def apply_set_of(program: Program) -> ApplySet:
    """The set of a program, from its name and namespace alone."""
    parent = Reference("v1", "ConfigMap", namespace_of(program), named(program.name, "applyset"))
    return ApplySet(parent, id_of(parent))


def id_of(parent: Reference) -> str:
    """The id that the KEP gives a parent."""
    group = parent.api_version.rpartition("/")[0]
    place = ".".join((parent.name, parent.namespace or "", parent.kind, group))
    digest = hashlib.sha256(place.encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"


def applied_objects(program: Program) -> tuple[Tree, ...]:
    """All objects of a program as they are applied, in order: members carry the set's label."""
    label = {PART_OF: apply_set_of(program).id}
    return tuple(_labelled(tree, label) for tree in objects(program))


def _labelled(tree: Tree, label: dict[str, str]) -> Tree:
    if tree["kind"] in OUTSIDE:
        return tree
    metadata = tree["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError(f"an object's metadata is {metadata!r}")
    return tree | {"metadata": metadata | {"labels": metadata.get("labels", {}) | label}}


def parent_tree(program: Program, kinds: Iterable[str]) -> Tree:
    """The parent, with the kinds that the set holds or is about to hold."""
    found = apply_set_of(program)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": found.parent.name,
            "namespace": found.parent.namespace,
            "labels": labels_of(program, "search") | {ID: found.id},
            "annotations": {
                TOOLING: f"ofc/v{VERSION}",
                KINDS: ",".join(sorted(set(kinds))),
                DIGEST: program.digest,
            },
        },
    }


def group_kind(reference: Reference) -> str:
    """`Service.serving.knative.dev`, as the KEP writes kinds."""
    group = reference.api_version.rpartition("/")[0]
    return f"{reference.kind}.{group}" if group else reference.kind


def kinds_of(program: Program) -> tuple[str, ...]:
    """The kinds of a program's members."""
    references = (reference_of(tree) for tree in objects(program))
    return tuple(sorted({group_kind(r) for r in references if r.kind not in OUTSIDE}))


def kinds_there(parent: Tree | None) -> tuple[str, ...]:
    """The kinds that a live parent says the set holds."""
    listed = text(parent, "metadata", "annotations", KINDS)
    return tuple(sorted(filter(None, (each.strip() for each in listed.split(",")))))


def members(cluster: Cluster, program: Program) -> tuple[Reference, ...]:
    """What of the study is on the cluster, in no order that means anything.

    Raises:
        ClusterFault: the identity may not list a kind, or nobody answers.
    """
    found = apply_set_of(program)
    kinds = {*kinds_of(program), *kinds_there(cluster.get(found.parent))}
    known = {group_kind(r): r.api_version for r in map(reference_of, objects(program))}
    references: list[Reference] = []
    for kind in sorted(kinds):
        name, _, group = kind.partition(".")
        version = known.get(kind) or cluster.preferred(group, name)
        if version is None:
            continue
        try:
            there = cluster.list(version, name, found.parent.namespace, {PART_OF: found.id})
        except Missing:
            continue  # not served, so there is none
        references += map(reference_of, there)
    return tuple(references)
