"""Removes what of a study is on the cluster and no longer in its spec."""

from __future__ import annotations

from collections.abc import Sequence

from omniforce.compiler.ir.program import Program
from omniforce.spec.frozen import dataclass

from ...check.look import text
from ..apply_set import OUTSIDE, PART_OF, apply_set_of, group_kind
from ..cluster import Cluster, Reference
from . import fence
from .apply import HOLDS_DATA


@dataclass(frozen=True, slots=True)
class Pruning:
    """What goes, and what stays although the spec has it no more: it holds data."""

    goes: tuple[Reference, ...]
    stays: tuple[Reference, ...]


def pruning(members: Sequence[Reference], wanted: Sequence[Reference]) -> Pruning:
    """What an apply with `--prune` removes.

    Args:
        members: what of the set is on the cluster.
        wanted: what the spec has. An object is the same in any version of its kind.
    """
    kept = {_place(r) for r in wanted}
    left = sorted(m for m in members if _place(m) not in kept and m.kind not in OUTSIDE)
    return Pruning(
        tuple(r for r in left if r.kind not in HOLDS_DATA),
        tuple(r for r in left if r.kind in HOLDS_DATA),
    )


def _place(reference: Reference) -> tuple[str, str | None, str]:
    return group_kind(reference), reference.namespace, reference.name


def prune(cluster: Cluster, program: Program, found: Pruning) -> tuple[Reference, ...]:
    """Removes it, each object only if it is still of the set; what was there to remove.

    Raises:
        Overtaken: another spec is being applied, to which an object may belong.
        ClusterFault: it may not be deleted, or nobody answers.
    """
    set_id = apply_set_of(program).id
    gone = []
    for reference in found.goes:
        fence.check(cluster, program)
        live = cluster.get(reference)
        if live is None or text(live, "metadata", "labels", PART_OF) != set_id:
            continue
        if cluster.delete(reference, uid=text(live, "metadata", "uid") or None):
            gone.append(reference)
    fence.end(cluster, program, frozenset(group_kind(r) for r in found.stays))
    return tuple(gone)
