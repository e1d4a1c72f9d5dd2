"""Takes a study off a cluster, in the reverse of the order in which it was applied.

What wakes the study goes first, so that nothing new begins; rights go last, since what still
ends may need them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final, Protocol

from omniforce.spec.frozen import dataclass

from ...objects import WAVES
from ..belongings import Belonging, Belongings
from ..cluster import Cluster, Reference
from . import fence
from .apply import HOLDS_DATA, LATEST_WAVE
from .gone import until_gone

_FIRST: Final = ("PingSource", "Trigger")
_RIGHTS: Final = ("Role", "RoleBinding", "ServiceAccount", "NetworkPolicy")


class Tell(Protocol):
    """Is told what happens, as it happens."""

    def removed(self, reference: Reference) -> None:
        """An object was deleted; it may take a while to go."""
        ...


@dataclass(frozen=True, slots=True)
class Destruction:
    """What goes and what stays.

    Attributes:
        goes: in the order in which it goes.
        stays: what is ours and holds data.
        parent: of the set, where there is one.
    """

    goes: tuple[Belonging, ...]
    stays: tuple[Belonging, ...]
    parent: Reference | None = None


def destruction(found: Belongings, *, data: bool = False, namespace: bool = False) -> Destruction:
    """What a destroy does to what was found.

    Args:
        found: what is there.
        data: whether the volumes go as well.
        namespace: whether the namespace goes, with all that is in it, also what is not ours.
    """
    takes_data = data or namespace
    goes = [b for b in found.objects if takes_data or b.reference.kind not in HOLDS_DATA]
    stays = [b for b in found.objects if b not in goes]
    ordered = sorted(goes, key=lambda b: (*_rank(b.reference), b.reference.name))
    last = [found.parent] if found.parent is not None else []
    if found.namespace is not None:
        (last if namespace else stays).append(found.namespace)
    parent = None if found.parent is None else found.parent.reference
    return Destruction((*ordered, *last), tuple(stays), parent)


def _rank(reference: Reference) -> tuple[int, int]:
    if reference.kind in _FIRST:
        return 0, _FIRST.index(reference.kind)
    if reference.kind in _RIGHTS:
        return 2, _RIGHTS.index(reference.kind)
    # a trial's Job goes after the sink that makes it, and before what it mounts
    wave = 0 if reference.kind == "Job" else WAVES.get(reference.kind, LATEST_WAVE)
    return 1, -wave


@dataclass(frozen=True, slots=True)
class Destroy:
    """One destroy.

    Attributes:
        seconds: how long one group of objects may take to go.
    """

    seconds: float
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def run(self, cluster: Cluster, what: Destruction, tell: Tell) -> None:
        """Deletes, and waits until each group is gone.

        Raises:
            NotGone: something is held; the next run goes on from there.
            ClusterFault: something may not be deleted, or nobody answers.
        """
        if what.parent is not None:
            fence.stop(cluster, what.parent)
        for group in _groups(what):
            for each in group:
                if not each.ending:
                    cluster.delete(each.reference, uid=each.uid or None)
                tell.removed(each.reference)
            waited = tuple((each.reference, each.uid) for each in group)
            until_gone(cluster, waited, self.seconds, self.pause, self.clock)


def _groups(what: Destruction) -> Iterator[tuple[Belonging, ...]]:
    for _, group in groupby(what.goes, key=_group):
        yield tuple(group)


def _group(each: Belonging) -> tuple[int, int] | tuple[str, str]:
    reference = each.reference
    if reference.kind == "Namespace" or reference.name.endswith("-applyset"):
        return reference.kind, reference.name
    return _rank(reference)
