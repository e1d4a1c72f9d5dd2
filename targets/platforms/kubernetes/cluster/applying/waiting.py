"""Waits until all objects of a study are ready.

Lists are asked anew each time: what a watch may miss when it breaks off or is slow, a list heals
by itself, and some twelve of them every two seconds are little for a server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final, Protocol

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ...objects import Tree
from ..apply_set import OUTSIDE, PART_OF
from ..cluster import Cluster, Reference, reference_of
from .ready import State, in_words, state_of

EVERY: Final = 2.0
"""Seconds between two looks."""

PATIENCE: Final = 90.0
"""Seconds for which an object may say that it failed, always for the same reason, before we do."""

_GONE: Final = State("failed", "it is gone: somebody has deleted it")


class NotReady(Problem):
    """Something did not become ready.

    Attributes:
        timed_out: whether it may still; else it has said for long that it failed.
    """

    timed_out: bool = False


class Tell(Protocol):
    """Is told how the objects stand."""

    def stands(self, states: Mapping[Reference, State]) -> None:
        """All of them, each time they were looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait.

    Attributes:
        seconds: at most.
        later: objects that may become ready later without holding up anything.
        patience: see `PATIENCE`.
        pause: waits so many seconds.
        clock: seconds of no meaning but their difference.
    """

    seconds: float
    later: frozenset[Reference] = frozenset()
    patience: float = PATIENCE
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def run(
        self, cluster: Cluster, references: Sequence[Reference], set_id: str, tell: Tell
    ) -> Mapping[Reference, State]:
        """How all of them stand once nothing holds up any more.

        Raises:
            NotReady: with each object that is not, and why.
            ClusterFault: the cluster cannot be asked.
        """
        end = self.clock() + self.seconds
        since: dict[Reference, tuple[str, float]] = {}
        while True:
            states = states_of(cluster, references, set_id)
            tell.stands(states)
            open_ = {r: s for r, s in states.items() if s.word != "ready" and r not in self.later}
            if not open_:
                return states
            now = self.clock()
            since = {r: _since(since, r, s, now) for r, s in open_.items() if s.word == "failed"}
            hopeless = {r: open_[r] for r, (_, at) in since.items() if now - at >= self.patience}
            hopeless |= {r: s for r, s in open_.items() if s is _GONE}
            if hopeless:
                raise _not_ready(hopeless, timed_out=False)
            if now >= end:
                raise _not_ready(open_, timed_out=True)
            self.pause(min(EVERY, max(0.0, end - now)))


def _since(
    since: Mapping[Reference, tuple[str, float]], reference: Reference, state: State, now: float
) -> tuple[str, float]:
    known = since.get(reference)
    return known if known is not None and known[0] == state.why else (state.why, now)


def states_of(
    cluster: Cluster, references: Sequence[Reference], set_id: str
) -> dict[Reference, State]:
    """How each object stands; what is not there has failed."""
    found: dict[Reference, Tree] = {}
    inside = sorted(r for r in references if r.kind not in OUTSIDE)
    kinds = groupby(inside, key=lambda r: (r.api_version, r.kind, r.namespace))
    for (api_version, kind, namespace), _ in kinds:
        there = cluster.list(api_version, kind, namespace, {PART_OF: set_id})
        found |= {reference_of(tree): tree for tree in there}
    for reference in references:
        tree = cluster.get(reference) if reference.kind in OUTSIDE else None
        found |= {reference: tree} if tree is not None else {}
    return {r: state_of(found[r]) if r in found else _GONE for r in references}


def _not_ready(states: Mapping[Reference, State], *, timed_out: bool) -> NotReady:
    what = "not ready in time" if timed_out else "this will not become ready by itself"
    fault = NotReady(
        "OFC631",
        f"{what}: {in_words(states)}",
        "see `ofc status` and `kubectl describe`; what was applied stays, and the same command "
        "goes on waiting",
    )
    fault.timed_out = timed_out
    return fault
