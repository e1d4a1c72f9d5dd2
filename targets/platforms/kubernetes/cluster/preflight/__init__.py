"""What a cluster lacks for a study, found before the first write.

Each check asks the cluster and answers diagnostics: an error means that an apply would fail or
that what it makes would never work; a warning or a note lets it pass. What the identity may not
look at is a note, since it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.diagnostic import Diagnostic, Severity

from ...objects import Tree
from ..cluster import Cluster, Forbidden, Missing
from .asking import Asking
from .broker import broker
from .kinds import kinds
from .limits import limits
from .namespaces import namespaces
from .permissions import permissions
from .queue import queue
from .revisions import revisions
from .runtimes import runtimes
from .store import store
from .volumes import volumes

__all__ = ["preflight"]

CHECKS: Final[tuple[tuple[str, Callable[[Asking], Iterator[Diagnostic]]], ...]] = (
    # First, since without a kind all that follows is about nothing.
    ("which kinds are served", kinds),
    ("what you may do", permissions),
    ("the namespaces", namespaces),
    ("the settings of Knative", revisions),
    ("the broker", broker),
    ("the storage", volumes),
    ("the store's Secret", store),
    ("the serving runtimes", runtimes),
    ("the queue", queue),
    ("the limits of the namespace", limits),
)
"""Every check, with what it looks at, in the order in which people mend things."""


def preflight(
    cluster: Cluster, program: Program, objects: Sequence[Tree], *, prune: bool = True
) -> tuple[Diagnostic, ...]:
    """All that the cluster lacks, and what could not be looked at.

    Args:
        cluster: the one that is meant.
        program: places of its spec are cited.
        objects: what would be applied.
        prune: whether an apply would also delete.

    Raises:
        ClusterFault: the cluster does not answer, or knows nobody by this token.
    """
    asking = Asking(cluster, program, tuple(objects), prune)
    found: list[Diagnostic] = []
    for what, check in CHECKS:
        try:
            found += check(asking)
        except Forbidden as fault:
            found.append(_unknown(what, fault))
        except Missing:
            continue  # of a kind that is not served, which the first check has said
    return tuple(dict.fromkeys(found))


def _unknown(what: str, fault: Forbidden) -> Diagnostic:
    said = " ".join(fault.diagnostic.message.split())
    return Diagnostic(
        "OFC667",
        f"{what} could not be looked at: {said}",
        None,
        help="let the identity read it, or have somebody look who may",
        severity=Severity.NOTE,
    )
