"""What the server says an object would be, and why it does not say so where it does not."""

from __future__ import annotations

import re
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ...check.look import name_of, text
from ...objects import Tree
from ..cluster import (
    Cluster,
    ClusterFault,
    Conflicted,
    Forbidden,
    Missing,
    Reference,
    Refused,
    reference_of,
)
from ..ownership import MANAGER
from .object_plan import Conflict

_QUOTED: Final = re.compile(r'"|using .*$')
_NO_DRY_RUN: Final = re.compile(r"does not support dry ?run", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the server says of an object.

    Attributes:
        would: the object as it would be; our own words where the server did not say.
        conflicts: what it would refuse without force.
        waits: which object must be applied before this one can be checked, in a sentence.
        unheard: why the server does not say what would be, though nothing is wrong.
        refused: why it refuses the object.
    """

    would: Tree
    conflicts: tuple[Conflict, ...] = ()
    waits: str = ""
    unheard: str = ""
    refused: str = ""

    @property
    def ours(self) -> bool:
        """Whether `would` is only our own words, so that what servers write is not in it."""
        return bool(self.waits or self.unheard or self.refused)


def ask(cluster: Cluster, tree: Tree, missing: tuple[Reference, ...], force: bool) -> Asked:
    """Asks in a dry run.

    Args:
        cluster: the one to ask.
        tree: what would be applied.
        missing: what it needs and is not there; it excuses a refusal.
        force: whether fields of other managers are taken.
    """
    if any(r.kind == "Namespace" for r in missing):
        return Asked(tree, waits=_before(missing))
    conflicts: tuple[Conflict, ...] = ()
    try:
        try:
            return Asked(_dry_run(cluster, tree, force))
        except Conflicted as fault:
            conflicts = _conflicts(fault)
            return Asked(_dry_run(cluster, tree, True), conflicts)
    except Forbidden as fault:
        # who may only read can still compare, as in a pull request of somebody else's
        return Asked(tree, conflicts, unheard=said(fault))
    except (Refused, Missing) as fault:
        if _NO_DRY_RUN.search(said(fault)):
            return Asked(tree, conflicts, unheard=said(fault))
        if missing:
            return Asked(tree, conflicts, waits=_before(missing))
        return Asked(tree, conflicts, refused=said(fault))


def senseless(cluster: Cluster, reference: Reference) -> Problem:
    """The answer is about something else, or about nothing."""
    return Problem(
        "OFC671",
        f"`{cluster.name}` was asked about {reference} and answers something else",
        "see that the address in the kubeconfig is an API server and no proxy of another kind",
    )


def said(fault: ClusterFault) -> str:
    """What the server said, in one line."""
    return " ".join(fault.diagnostic.message.split())


def _dry_run(cluster: Cluster, tree: Tree, force: bool) -> Tree:
    would = cluster.apply(tree, dry_run=True, force=force)
    asked = str(tree["kind"]), name_of(tree)
    if (text(would, "kind"), name_of(would)) != asked:
        raise senseless(cluster, reference_of(tree))
    return would


def _before(missing: tuple[Reference, ...]) -> str:
    """Without a namespace nothing else can be asked, so it is named alone."""
    first = next((r for r in missing if r.kind == "Namespace"), missing[0])
    return f"cannot be checked before {first} is applied"


def _conflicts(fault: Conflicted) -> tuple[Conflict, ...]:
    named = (Conflict(_QUOTED.sub("", m).strip(), f) for m, f in fault.conflicts)
    return tuple(c for c in named if c.manager != MANAGER) or (Conflict("unknown", said(fault)),)
