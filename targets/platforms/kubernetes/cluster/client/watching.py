"""What happens to the objects of a kind, put together from lists and watches that break off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from ...objects import Tree
from ..cluster import Event, Forgotten, Unreachable

ONE_WATCH: Final = 30.0
"""Seconds of one request: a connection that died in silence costs no more than that."""

BREAKS: Final = 6
"""Watches in a row that may break off without having said anything."""

_PAUSE: Final = 0.5

_Versions = dict[tuple[str, str], tuple[str, Tree]]


def watch(
    read: Callable[[], tuple[tuple[Tree, ...], str]],
    stream: Callable[[str, float], Iterator[Tree]],
    seconds: float,
    pause: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Event]:
    """The events, each change once, for so many seconds.

    `read` gives all objects and the version of the list; `stream` the documents of a watch from
    a version on, for so many seconds at most.

    Raises:
        ClusterFault: the server does not let itself be watched, or is gone for good.
    """
    end = clock() + seconds
    known: _Versions = {}
    version, breaks = "", 0
    while True:
        if not version:
            objects, version = read()
            yield from _news(known, objects)
        left = end - clock()
        if left <= 0:
            return
        try:
            for document in stream(version, min(left, ONE_WATCH)):
                breaks = 0
                event, version = _event(document, version)
                if event is not None and _is_new(known, event):
                    yield event
                if clock() >= end:
                    return
        except Forgotten:
            version = ""
        except Unreachable:
            breaks += 1
            if breaks >= BREAKS:
                raise
            pause(min(_PAUSE * breaks, max(0.0, end - clock())))


def _event(document: Tree, version: str) -> tuple[Event | None, str]:
    """What a line says, and from where on to watch next.

    Raises:
        Forgotten: the server has lost that place.
    """
    what, tree = str(document.get("type", "")).lower(), document.get("object")
    if not isinstance(tree, dict):
        return None, version
    if what == "error":
        raise Forgotten("OFC626", f"the watch ended: {tree.get('message') or 'without a word'}")
    version = _of(tree, "resourceVersion") or version
    match what:
        case "added" | "modified" | "deleted":
            return Event(what, tree), version
        case _:
            return None, version  # a bookmark


def _is_new(known: _Versions, event: Event) -> bool:
    key = _of(event.object, "namespace"), _of(event.object, "name")
    if event.what == "deleted":
        known.pop(key, None)
        return True
    version = _of(event.object, "resourceVersion")
    if key in known and known[key][0] == version:
        return False
    known[key] = version, event.object
    return True


def _news(known: _Versions, objects: tuple[Tree, ...]) -> Iterator[Event]:
    """What a list says beyond what was seen: after a gap, deletions are what is not there."""
    here = {(_of(tree, "namespace"), _of(tree, "name")) for tree in objects}
    for key in [key for key in known if key not in here]:
        yield Event("deleted", known.pop(key)[1])
    for tree in objects:
        old = (_of(tree, "namespace"), _of(tree, "name")) in known
        event = Event("modified" if old else "added", tree)
        if _is_new(known, event):
            yield event


def _of(tree: Tree, key: str) -> str:
    metadata = tree.get("metadata")
    return str(metadata.get(key) or "") if isinstance(metadata, dict) else ""
