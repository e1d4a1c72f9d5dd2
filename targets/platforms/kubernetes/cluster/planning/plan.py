"""What an apply would do to each object: live objects against a dry run on the server.

Both sides come from the server, so that what servers and webhooks fill in stands on both and
never shows: right after an apply the plan is empty, on every kind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ...check.look import look, text
from ...objects import Tree
from ..client.together import together
from ..cluster import Cluster, Missing, Reference, reference_of
from ..needs import needs
from .difference import FieldChange, difference, written
from .drift import drift
from .dry_run import Asked, ask, senseless
from .hidden import plain_text
from .object_plan import Action, ObjectPlan, Plan
from .successors import successors

HOLDS_DATA: Final = frozenset({"PersistentVolumeClaim"})
"""Kinds that are never made anew: what is on them is lost with them."""

_IMMUTABLE: Final = re.compile(r"immutable|may not be (?:changed|updated)|forbidden: updates to")


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
            raise senseless(cluster, reference_of(tree)) from error

    def planned(tree: Tree) -> ObjectPlan:
        reference = reference_of(tree)
        now, known = live[reference], before.get(reference)
        needed = () if offline else needs(tree, references)
        missing = tuple(r for r in needed if r in absent and r != reference)
        asked = ask(cluster, tree, missing, force)
        plan = _plan(reference, now, asked)
        if known is not None and now is not None:
            plan = replace(plan, drift=drift(now, known))
        if reference in taken:
            plan = _replacing(plan, taken[reference], old[taken[reference]], asked.would)
        return plan

    made = list(together(each, objects))
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

    return dict(zip(references, together(get, references), strict=True))


def _plan(reference: Reference, live: Tree | None, asked: Asked) -> ObjectPlan:
    plan = ObjectPlan(
        reference,
        "unchanged",
        conflicts=asked.conflicts,
        refused=asked.refused,
        reason=asked.waits or asked.unheard,
        exists=live is not None,
        fingerprint=fingerprint(live),
    )
    if asked.waits:
        return replace(plan, action="unchecked")
    if live is None:
        return replace(plan, action="create")
    fields = difference(live, asked.would)
    if asked.ours:
        # our words against the live object: what only servers write is no change
        fields = tuple(f for f in fields if f.after is not None)
    if asked.refused and _IMMUTABLE.search(asked.refused):
        # an apply makes it anew, unless what is on it would be lost
        again = replace(plan, action="replace", fields=fields)
        if reference.kind in HOLDS_DATA:
            return again
        return replace(again, reason=f"it cannot be changed: {asked.refused}", refused="")
    if fields or asked.refused:
        return replace(plan, action="change", fields=fields)
    return replace(plan, reason="")


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
