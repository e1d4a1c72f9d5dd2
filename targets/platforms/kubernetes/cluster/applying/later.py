"""What need not be ready for an apply to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...objects import Tree
from ..cluster import Cluster, Reference, reference_of
from .ready import state_of

_AWAITED: Final = frozenset({"InferenceService"})


def may_come_later(cluster: Cluster, objects: Sequence[Tree]) -> frozenset[Reference]:
    """Servers that have never been ready: their model comes at the end of the study.

    To be asked before the apply, which makes what was ready wait for its new revision.
    """
    found = (reference_of(tree) for tree in objects if tree["kind"] in _AWAITED)
    return frozenset(r for r in found if not _is_ready(cluster.get(r)))


def _is_ready(tree: Tree | None) -> bool:
    return tree is not None and state_of(tree).word == "ready"
