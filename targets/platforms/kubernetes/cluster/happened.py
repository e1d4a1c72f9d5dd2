"""The last events of objects, those of what they have made among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from omniforce.spec.frozen import dataclass

from ..check.look import number, text
from ..objects import Tree
from .cluster import Reference

KEPT: Final = 5
"""Events of one object that are kept, the newest last."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event.

    Attributes:
        when: as the server wrote it; empty where it did not.
        of: kind and name of what it happened to, perhaps a pod of the object.
    """

    when: str
    type: str
    reason: str
    message: str
    of: str
    count: int = 1


def by_object(
    events: Iterable[Tree], references: Sequence[Reference]
) -> Mapping[Reference, tuple[Happened, ...]]:
    """The newest events of each object; a pod's belong to what its name begins with."""
    found: dict[Reference, list[Happened]] = {}
    for event in events:
        kind = text(event, "involvedObject", "kind")
        name = text(event, "involvedObject", "name")
        owner = _owner(kind, name, references)
        if owner is not None:
            found.setdefault(owner, []).append(_happened(event, f"{kind}/{name}"))
    return {
        owner: tuple(sorted(each, key=lambda h: h.when)[-KEPT:]) for owner, each in found.items()
    }


def _owner(kind: str, name: str, references: Sequence[Reference]) -> Reference | None:
    for each in references:
        if (each.kind, each.name) == (kind, name):
            return each
    makers = [r for r in references if name.startswith(f"{r.name}-") and r.kind in _MAKERS]
    return max(makers, key=lambda r: len(r.name), default=None)


_MAKERS: Final = frozenset({"Service", "JobSink", "InferenceService", "PipelineVersion"})
"""Kinds whose controllers make pods, with names that begin with theirs."""


def _happened(event: Tree, of: str) -> Happened:
    times = (
        text(event, "series", "lastObservedTime"),
        text(event, "lastTimestamp"),
        text(event, "eventTime"),
        text(event, "metadata", "creationTimestamp"),
    )
    return Happened(
        when=next(filter(None, times), ""),
        type=text(event, "type"),
        reason=text(event, "reason"),
        message=" ".join(text(event, "message").split()),
        of=of,
        count=int(number(event, "count") or number(event, "series", "count") or 1),
    )
