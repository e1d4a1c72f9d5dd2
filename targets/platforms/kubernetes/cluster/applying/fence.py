"""Two applies of one study at once: the later one wins, the earlier one stops.

The parent of the set says which spec is being applied. Whoever finds another digest there has
been overtaken and writes nothing more; two applies of the same spec do the same and go on.
"""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem

from ...check.look import look, text
from ...objects import Tree
from ..apply_set import DIGEST, apply_set_of, kinds_of, kinds_there, parent_tree
from ..cluster import Cluster, Reference

_DESTROYED: Final = "destroyed"


class Overtaken(Problem):
    """Another apply has begun since, or the study is being destroyed."""


def begin(cluster: Cluster, program: Program, *, force: bool = False) -> None:
    """Says in the parent that this spec is being applied; the namespace must be there.

    Raises:
        ClusterFault: the parent cannot be written.
    """
    there = cluster.get(apply_set_of(program).parent)
    # what the set may still hold stays listed until it is pruned
    parent = parent_tree(program, {*kinds_of(program), *kinds_there(there)})
    cluster.apply(parent, force=force)


def stop(cluster: Cluster, parent: Reference) -> None:
    """Has every apply of the study stop: its set is being destroyed."""
    there = cluster.get(parent)
    labels, notes = (look(there, "metadata", part) for part in ("labels", "annotations"))
    if not isinstance(labels, dict) or not isinstance(notes, dict):
        return
    # all of ours again, since what is not applied any more would go, the list of kinds too
    metadata: Tree = {
        "name": parent.name,
        "namespace": parent.namespace,
        "labels": labels,
        "annotations": notes | {DIGEST: _DESTROYED},
    }
    cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, force=True)


def end(cluster: Cluster, program: Program, left: frozenset[str]) -> None:
    """Says in the parent which kinds the set holds now, beside those of the program."""
    cluster.apply(parent_tree(program, {*kinds_of(program), *left}))


def check(cluster: Cluster, program: Program) -> None:
    """That nobody has overtaken us.

    Raises:
        Overtaken: somebody has.
    """
    parent: Tree | None = cluster.get(apply_set_of(program).parent)
    if parent is not None and text(parent, "metadata", "annotations", DIGEST) == program.digest:
        return
    digest = text(parent, "metadata", "annotations", DIGEST)
    gone = digest in ("", _DESTROYED)
    why = "it was destroyed meanwhile" if gone else "another spec is being applied"
    raise Overtaken(
        "OFC630",
        f"the apply of `{program.name}` stops: {why}",
        "let the other one end, see with `ofc plan` what it left, and apply again if this spec "
        "is the one that is meant",
    )
