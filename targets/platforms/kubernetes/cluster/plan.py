"""What an apply would do to each object: live objects against a dry run on the server.

Both sides come from the server, so that what servers and webhooks fill in stands on both and
never shows: right after an apply the plan is empty, on every kind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ..check.look import look, name_of, text
from ..objects import Tree
from .cluster import Cluster, ClusterFault, Conflicted, Missing, Reference, Refused, reference_of
from .difference import FieldChange, difference, written
from .drift import drift
from .hidden import plain_text
from .needs import needs
from .object_plan import Action, Conflict, ObjectPlan, Plan
from .ownership import MANAGER
from .successors import successors

AT_ONCE: Final = 8
"""Questions to the server that are under way together."""

HOLDS_DATA: Final = frozenset({"PersistentVolumeClaim"})
"""Kinds that are never made anew: what is on them is lost with them."""

_IMMUTABLE: Final = re.compile(r"immutable|may not be (?:changed|updated)|forbidden: updates to")
_QUOTED: Final = re.compile(r'"|using .*$')


def make_plan(
    cluster: Cluster,
    objects: Sequence[Tree],
    *,
    members: Sequence[Reference] = (),
    applied: Sequence[Tree] = (),
    force: bool = False,
    offline: bool = False,
) -> Plan:
    """Asks the cluster what an apply of `objects` would do. Writes nothing.

    Args:
        cluster: the one it is about.
        objects: all that would be applied, in their order.
        members: what of ours is there; those that are not in `objects` would be deleted.
        applied: the objects of the study that lives there, to tell what was changed by hand.
        force: whether an apply would take fields from other managers.
        offline: whether a folder stands for the cluster, which needs nothing to check an object.

    Raises:
        ClusterFault: nobody answers, or the identity may not look.
    """
    references = tuple(reference_of(tree) for tree in objects)
    live = _live(cluster, references)
    absent = frozenset(r for r in references if live[r] is None)
    old = _live(cluster, [m for m in members if m not in live])
    there = [m for m, tree in old.items() if tree is not None]
    taken = successors([r for r in references if r in absent], there)
    before = {reference_of(tree): tree for tree in applied}

    def each(tree: Tree) -> ObjectPlan:
        try:
            return planned(tree)
        except RecursionError as error:
            raise _senseless(cluster, reference_of(tree)) from error

    def planned(tree: Tree) -> ObjectPlan:
        reference = reference_of(tree)
        now, known = live[reference], before.get(reference)
        needed = () if offline else needs(tree, references)
        missing = tuple(r for r in needed if r in absent and r != reference)
        asked = _ask(cluster, tree, missing, force)
        plan = _plan(reference, now, asked)
        if known is not None and now is not None:
            plan = replace(plan, drift=drift(now, known))
        if reference in taken:
            plan = _replacing(plan, taken[reference], old[taken[reference]], asked.would)
        return plan

    with ThreadPoolExecutor(AT_ONCE) as workers:
        made = list(workers.map(each, objects))
    replaced = set(taken.values())
    made += [
        ObjectPlan(m, "delete", exists=True, fingerprint=fingerprint(old[m]))
        for m in there
        if m not in replaced
    ]
    return Plan(cluster.name, tuple(made))


def fingerprint(tree: Tree | None) -> str:
    """Of a live object with its identity, without what servers write at each change."""
    if tree is None:
        return ""
    whole = plain_text([text(tree, "metadata", "uid"), written(tree)])
    return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _live(cluster: Cluster, references: Sequence[Reference]) -> Mapping[Reference, Tree | None]:
    def get(reference: Reference) -> Tree | None:
        try:
            return cluster.get(reference)
        except Missing:
            return None  # of a kind that is not served there is none; preflight says so

    with ThreadPoolExecutor(AT_ONCE) as workers:
        return dict(zip(references, workers.map(get, references), strict=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the server says of an object.

    Attributes:
        would: the object as it would be; our own words where the server did not say.
        unchecked: why it was not asked.
        refused: why it refuses the object.
    """

    would: Tree
    conflicts: tuple[Conflict, ...] = ()
    unchecked: str = ""
    refused: str = ""


def _ask(cluster: Cluster, tree: Tree, missing: tuple[Reference, ...], force: bool) -> _Asked:
    conflicts: tuple[Conflict, ...] = ()
    if any(r.kind == "Namespace" for r in missing):
        return _Asked(tree, unchecked=_before(missing))
    try:
        try:
            return _Asked(_dry_run(cluster, tree, force))
        except Conflicted as fault:
            conflicts = _conflicts(fault)
            return _Asked(_dry_run(cluster, tree, True), conflicts)
    except (Refused, Missing) as fault:
        if missing:
            return _Asked(tree, conflicts, unchecked=_before(missing))
        return _Asked(tree, conflicts, refused=said(fault))


def _dry_run(cluster: Cluster, tree: Tree, force: bool) -> Tree:
    would = cluster.apply(tree, dry_run=True, force=force)
    asked = str(tree["kind"]), name_of(tree)
    if (text(would, "kind"), name_of(would)) != asked:
        raise _senseless(cluster, reference_of(tree))
    return would


def _senseless(cluster: Cluster, reference: Reference) -> Problem:
    return Problem(
        "OFC671",
        f"`{cluster.name}` was asked about {reference} and answers something else",
        "see that the address in the kubeconfig is an API server and no proxy of another kind",
    )


def said(fault: ClusterFault) -> str:
    """What the server said, in one line."""
    return " ".join(fault.diagnostic.message.split())


def _before(missing: tuple[Reference, ...]) -> str:
    """Without a namespace nothing else can be asked, so it is named alone."""
    first = next((r for r in missing if r.kind == "Namespace"), missing[0])
    return f"cannot be checked before {first} is applied"


def _conflicts(fault: Conflicted) -> tuple[Conflict, ...]:
    named = (Conflict(_QUOTED.sub("", m).strip(), f) for m, f in fault.conflicts)
    return tuple(c for c in named if c.manager != MANAGER) or (Conflict("unknown", said(fault)),)


def _plan(reference: Reference, live: Tree | None, asked: _Asked) -> ObjectPlan:
    plan = ObjectPlan(
        reference,
        "unchanged",
        conflicts=asked.conflicts,
        refused=asked.refused,
        reason=asked.unchecked,
        exists=live is not None,
        fingerprint=fingerprint(live),
    )
    if asked.unchecked:
        return replace(plan, action="unchecked")
    if live is None:
        return replace(plan, action="create")
    fields = difference(live, asked.would)
    if asked.refused:
        # our words against the live object: what only servers write is no change
        fields = tuple(f for f in fields if f.after is not None)
        if not _IMMUTABLE.search(asked.refused):
            return replace(plan, action="change", fields=fields)
        # an apply makes it anew, unless what is on it would be lost
        lost = reference.kind in HOLDS_DATA
        said = asked.refused
        return replace(
            plan,
            action="replace",
            fields=fields,
            reason="" if lost else f"it cannot be changed: {said}",
            refused=said if lost else "",
        )
    return replace(plan, action="change", fields=fields) if fields else plan


def _replacing(plan: ObjectPlan, old: Reference, was: Tree | None, would: Tree) -> ObjectPlan:
    fields = tuple(
        f
        for f in difference(was, would)
        if f.path != "metadata.name" and (f.after is not None or _ours(f, was))
    )
    action: Action = "unchecked" if plan.action == "unchecked" else "replace"
    return replace(plan, action=action, replaces=old, fields=fields, fingerprint=fingerprint(was))


def _ours(field: FieldChange, live: Tree | None) -> bool:
    """Whether a field that the new object lacks was content, and nothing that a server wrote."""
    top = field.path.partition(".")[0].partition("[")[0]
    return top in ("data", "spec") and look(live, top) is not None
