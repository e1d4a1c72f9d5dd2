"""A plan in a file, which an apply follows only while spec and cluster are as they were.

It holds no manifest and no value, only what must not have moved: the digests of what would be
applied, and of each live object as it was. The same spec and cluster give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from omniforce.compiler.canonical import content_digest
from omniforce.compiler.version import VERSION
from omniforce.spec.frozen import dataclass
from omniforce.spec.plain.values import MalformedPlain, from_plain, to_plain
from omniforce.spec.problem import Problem

from ...objects import Tree
from ..cluster import Cluster, Missing, Reference, reference_of
from .object_plan import Action, Plan
from .plan import fingerprint

FORMAT = "1.0"
KIND = "ofc-plan"
LARGEST = 16 * 2**20
"""Bytes of a plan that are read."""


@dataclass(frozen=True, slots=True)
class SavedSpec:
    """Which spec it is of, as the command line named it."""

    files: tuple[str, ...]
    params: tuple[tuple[str, str], ...]
    settings: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One object.

    Attributes:
        digest: of the manifest; empty for what would be deleted.
        replaces: the live object that `live` is of, where it has another name.
        live: the fingerprint of the object as it was; empty where there was none.
    """

    reference: Reference
    action: Action
    digest: str
    replaces: Reference | None
    live: str


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan to be applied later.

    Attributes:
        format_version: of the file; a reader refuses another major part.
        kind: the word that tells it from other files.
        tool: the version of ofc that made it.
        cluster: the context that it was made for.
        force: whether it takes fields from other managers.
        objects: all of the plan.
    """

    format_version: str
    kind: str
    tool: str
    cluster: str
    study: str
    spec: SavedSpec
    force: bool
    objects: tuple[SavedObject, ...]

    @property
    def deletes(self) -> tuple[Reference, ...]:
        """What an apply of it may remove: what the reader of the plan has seen, and no more."""
        gone = (o.reference for o in self.objects if o.action == "delete")
        replaced = (o.replaces for o in self.objects if o.replaces is not None)
        return (*gone, *replaced)


def save(
    plan: Plan, study: str, spec: SavedSpec, objects: Sequence[Tree], *, force: bool = False
) -> SavedPlan:
    """The plan as it goes into a file."""
    digests = {reference_of(tree): content_digest(tree) for tree in objects}
    kept = tuple(
        SavedObject(o.reference, o.action, digests.get(o.reference, ""), o.replaces, o.fingerprint)
        for o in plan.objects
    )
    return SavedPlan(FORMAT, KIND, VERSION, plan.cluster, study, spec, force, kept)


def saved_text(saved: SavedPlan) -> str:
    """The file."""
    return json.dumps(to_plain(saved), indent=1, ensure_ascii=False) + "\n"


def read_saved(path: str | Path) -> SavedPlan:
    """A plan from its file.

    Raises:
        Problem: the file cannot be read, is no plan, or is of another version of the format.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise _unusable(path, why.lower()) from error
    if len(data) > LARGEST:
        raise _unusable(path, f"it has more than {LARGEST // 2**20} MiB")
    try:
        plain = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _unusable(path, "it is no JSON") from error
    if not isinstance(plain, dict) or plain.get("kind") != KIND:
        raise _unusable(path, "it is no plan of `ofc plan --out`")
    version = plain.get("formatVersion")
    if not isinstance(version, str) or version.partition(".")[0] != FORMAT.partition(".")[0]:
        raise _unusable(path, f"its format is {version!r}, expected `{FORMAT}`")
    try:
        return from_plain(SavedPlan, plain)
    except MalformedPlain as error:
        raise _unusable(path, str(error)) from error


def _unusable(path: str | Path, why: str) -> Problem:
    return Problem(
        "OFC652",
        f"the saved plan `{path}` cannot be used: {why}",
        f"make it again: `ofc plan --out {path}`",
    )


def still_holds(saved: SavedPlan, cluster: Cluster, objects: Sequence[Tree]) -> tuple[str, ...]:
    """What has moved since the plan was saved, in sentences; empty where it holds.

    Args:
        saved: the plan.
        cluster: where it would be applied.
        objects: what the spec gives now.

    Raises:
        ClusterFault: the cluster does not answer.
    """
    return tuple(_moved(saved, cluster, objects))


def moved_away(saved: SavedPlan, path: str | Path, moved: Sequence[str]) -> Problem:
    """The refusal of a plan that does not hold any more."""
    listed = "; ".join(moved[:5]) + (f"; and {len(moved) - 5} more" if len(moved) > 5 else "")
    return Problem(
        "OFC653",
        f"the saved plan of `{saved.study}` does not hold any more: {listed}",
        f"look at what would happen now: `ofc plan --out {path}`",
    )


def _moved(saved: SavedPlan, cluster: Cluster, objects: Sequence[Tree]) -> Iterator[str]:
    if saved.cluster != cluster.name:
        yield f"it is for `{saved.cluster}`, and this is `{cluster.name}`"
        return
    now = {reference_of(tree): content_digest(tree) for tree in objects}
    planned = {o.reference: o.digest for o in saved.objects if o.action != "delete"}
    tool = "" if saved.tool == VERSION else f", by ofc {VERSION} where it was {saved.tool}"
    for reference in now:
        if reference not in planned:
            yield f"the spec makes {reference}, which the plan does not know{tool}"
    for reference, digest in planned.items():
        if reference not in now:
            yield f"the spec makes {reference} no more{tool}"
        elif now[reference] != digest:
            yield f"the spec makes another {reference}{tool}"
    for each in saved.objects:
        yield from _live(each, cluster)


def _live(saved: SavedObject, cluster: Cluster) -> Iterator[str]:
    where = saved.replaces or saved.reference
    try:
        found = cluster.get(where)
    except Missing:
        found = None
    mark = fingerprint(found)
    if mark == saved.live:
        return
    if not saved.live:
        yield f"{where} is there now, and was not"
    elif found is None:
        yield f"{where} is gone"
    else:
        yield f"{where} was changed on the cluster"
