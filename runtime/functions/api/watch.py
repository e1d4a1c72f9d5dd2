"""The stream of what changes in a study, as server-sent events, for a while and no longer.

A function that is asked never sleeps, so each stream ends; the caller asks again with the last
id, and goes on from there, whichever instance then answers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from ...steering.as_json import change_to_json
from ...steering.watching import Cursor, Watch
from .answers import BUSY, Answer, Refusal, json_answer, malformed

if TYPE_CHECKING:
    from .routes import Call

MOST_SECONDS = 240
"""Less than the 300 after which Knative ends a request."""
MOST_STREAMS = 16
"""Of the 64 requests at once of an instance: others are to be answered meanwhile."""
LOOK_SECONDS = 1.0
_AT_ONCE = 200
"""Events in one piece of the stream."""

HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


def check(call: Call) -> Answer:
    """Whether the stream can begin; what it says is told by `pieces`."""
    seconds(call)
    cursor(call)
    return json_answer({})


def seconds(call: Call) -> int:
    """How long the caller wants it."""
    return call.number("seconds", 60, 1, MOST_SECONDS)


def cursor(call: Call) -> Cursor | None:
    """Where the caller has looked to; None for everything."""
    given = call.request.header("last-event-id")
    if not given:
        return None
    found = Cursor.read(given)
    if found is None:
        raise malformed("`last-event-id` is no id of this stream")
    return found


class Streams:
    """How many there are at once."""

    def __init__(self) -> None:
        self._open = 0

    def __enter__(self) -> None:
        if self._open >= MOST_STREAMS:
            raise Refusal(
                BUSY, "too many watch already", "ask for `…/trials`", (("retry-after", "10"),)
            )
        self._open += 1

    def __exit__(self, *_: object) -> None:
        self._open -= 1


async def pieces(call: Call, is_allowed: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The stream; ends with the study, the time, or the caller's right to see it."""
    watch = Watch(call.desk.store, call.study.name, cursor(call))
    end = time.monotonic() + seconds(call)
    yield b"retry: 1000\n\n"
    while True:
        changes = await asyncio.to_thread(watch.look)
        for first in range(0, len(changes), _AT_ONCE):
            some = changes[first : first + _AT_ONCE]
            is_last = first + _AT_ONCE >= len(changes)
            at = str(watch.cursor) if is_last else None
            yield "".join(_event(*change_to_json(each)) for each in some[:-1]).encode()
            yield _event(*change_to_json(some[-1]), at).encode()
        if watch.has_more and time.monotonic() < end:
            continue
        if watch.is_over:
            yield _event("over", {}, str(watch.cursor)).encode()
            return
        if time.monotonic() >= end or not await asyncio.to_thread(is_allowed):
            return
        if not changes:
            yield b":\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _event(kind: str, document: object, at: str | None = None) -> str:
    """JSON has no line breaks, so that nothing in it can end the event."""
    name = "" if at is None else f"id: {at}\n"
    return f"event: {kind}\n{name}data: {json.dumps(document, allow_nan=False)}\n\n"
