"""Whether a cluster still has what was compiled: each object, asked by a dry run of its own apply.

The server answers what the object would be after an apply. Where that is what is there already,
the object is as it was compiled; every field in which the two differ was changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .cluster.apply_set import PART_OF
from .cluster.cluster import (
    Cluster,
    ClusterFault,
    Reference,
    Unauthorized,
    Unreachable,
    reference_of,
)
from .cluster.planning.difference import FieldChange, difference, written
from .objects import DOMAIN, Tree

State = Literal["same", "changed", "missing", "unchecked", "skipped"]

DIGEST = f"{DOMAIN}/spec-digest"


@dataclass(frozen=True, slots=True)
class Live:
    """How one object is on the cluster.

    Attributes:
        state: `unchecked` where the server would not say; `skipped` for what it need not have.
        changes: live against compiled, field by field.
        spec: the digest of the spec that the live object comes from, where it is another one.
        why: of what could not be checked.
    """

    object: Reference
    state: State
    changes: tuple[FieldChange, ...] = ()
    spec: str | None = None
    why: str = ""


def live_check(cluster: Cluster, objects: Iterable[Tree]) -> Iterator[Live]:
    """Asks for each object, in their order; changes nothing.

    Raises:
        ClusterFault: the cluster cannot be reached, or does not know who asks.
    """
    for tree in objects:
        yield _look(cluster, tree)


def _look(cluster: Cluster, tree: Tree) -> Live:
    reference = reference_of(tree)
    if "argocd.argoproj.io/hook" in _annotations(tree):
        return Live(reference, "skipped", why="Argo CD makes it only while it syncs")
    try:
        live = cluster.get(reference)
        if live is None:
            known = cluster.serves(reference.api_version, reference.kind)
            why = "" if known else f"the cluster knows no `{reference.kind}`"
            return Live(reference, "missing", why=why)
        # forced, since it is asked what would be there and not whether another manager objects
        applied = cluster.apply(_as_applied(tree, live), dry_run=True, force=True)
    except (Unreachable, Unauthorized):
        raise
    except ClusterFault as fault:
        return Live(reference, "unchecked", why=str(fault))
    theirs, ours = _annotations(live).get(DIGEST), _annotations(tree).get(DIGEST)
    changes = difference(written(live), written(applied))
    spec = None if theirs == ours else str(theirs)
    return Live(reference, "changed" if changes else "same", changes, spec)


def _as_applied(tree: Tree, live: Tree) -> Tree:
    """The object with the label that `ofc apply` adds to its own, where the live one has it."""
    mark = _part(live, "labels").get(PART_OF)
    metadata = tree.get("metadata")
    if mark is None or not isinstance(metadata, dict):
        return tree
    return tree | {"metadata": metadata | {"labels": _part(tree, "labels") | {PART_OF: mark}}}


def _annotations(tree: Tree) -> Tree:
    return _part(tree, "annotations")


def _part(tree: Tree, key: str) -> Tree:
    metadata = tree.get("metadata")
    found = metadata.get(key) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}
