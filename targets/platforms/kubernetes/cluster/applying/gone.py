"""Deletes an object and waits until it is gone, which its finalizers may delay."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from omniforce.spec.problem import Problem

from ...check.look import look, text
from ...objects import Tree
from ..cluster import Cluster, Reference

LOOK: Final = 0.5
"""Seconds between two looks."""

LIMIT: Final = 60.0


class NotGone(Problem):
    """Something is still there after the time that was given."""


def delete_and_wait(
    cluster: Cluster, reference: Reference, pause: Callable[[float], None] = time.sleep
) -> None:
    """Deletes the object that is there now; one made anew under its name meanwhile stays.

    Raises:
        NotGone: it is still there after a minute.
    """
    live = cluster.get(reference)
    if live is None:
        return
    uid = text(live, "metadata", "uid")
    cluster.delete(reference, uid=uid or None)
    until_gone(cluster, ((reference, uid),), LIMIT, pause)


def until_gone(
    cluster: Cluster,
    deleted: Sequence[tuple[Reference, str]],
    seconds: float,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Waits for objects, each with its uid, to be gone.

    Raises:
        NotGone: with what holds them.
    """
    end = clock() + seconds
    left = list(deleted)
    while True:
        held = [(r, uid, tree) for r, uid in left if (tree := _there(cluster, r, uid)) is not None]
        if not held:
            return
        if clock() >= end:
            raise _not_gone([(r, tree) for r, _, tree in held])
        left = [(r, uid) for r, uid, _ in held]
        pause(LOOK)


def _there(cluster: Cluster, reference: Reference, uid: str) -> Tree | None:
    tree = cluster.get(reference)
    return tree if tree is not None and text(tree, "metadata", "uid") == uid else None


def finalizers_of(tree: Tree) -> tuple[str, ...]:
    """What must happen before the object may go."""
    listed = look(tree, "metadata", "finalizers")
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def _not_gone(held: Sequence[tuple[Reference, Tree]]) -> NotGone:
    told = []
    for reference, tree in held:
        names = ", ".join(f"`{name}`" for name in finalizers_of(tree))
        told.append(f"`{reference}`" + (f" (held by {names})" if names else ""))
    return NotGone(
        "OFC635",
        f"not gone in time: {'; '.join(told)}",
        "the controller of each finalizer must run to let it go, and a claim waits for the pods "
        "that use it; see `kubectl describe`, then run the same command again",
    )
