"""Turns HTTP requests into events for a handler, in the shape that func-python serves.

What the broker does next hangs on the answer (demand 16): 2xx is done; 5xx, 404, 408, 409 and
429 are sent again; any other 4xx goes to the dead letter at once. A handler runs in a thread:
one that blocks the event loop fails its liveness probe (demand 15).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from omniforce.compiler.events import EVENT_TYPES, PING
from omniforce.spec.problem import Problem

from ..events import MAX_BYTES, Event, MalformedEvent, OversizedEvent, from_http
from ..telemetry.tally import Tally
from ..telemetry.tracing import span

if TYPE_CHECKING:
    from ..store.store import Store

log = logging.getLogger(__name__)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
"""ASGI's own untyped messages; they go no further than this file."""

_LASTING = frozenset({"OFC756"})
"""Problems that sending the event again cannot mend: `faults.OTHER_STUDY`, whose module would
bring SQLAlchemy into functions that ask no store."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one event.

    Attributes:
        status: as HTTP has it.
        title: what is wrong, in a few words; empty for 2xx.
        detail: more of it.
        retry: seconds after which trying again makes sense.
    """

    status: int
    title: str = ""
    detail: str = ""
    retry: int | None = None


DONE = Reply(202)

LONGEST_HANDLING = 900.0
"""Seconds after which a handler is taken to hang: three times what the manifests let it take."""

KNOWN = frozenset({*EVENT_TYPES, PING})

_MOST_DROPPED = 16 * MAX_BYTES


class Handler(Protocol):
    """What a function does with events."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Reads the settings; opens nothing that may be away for now."""
        ...

    def receive(self, event: Event) -> Reply:
        """Handles one event; called in a thread of its own, maybe several at once."""
        ...

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        """Answers what is no event."""
        ...

    def ready(self) -> str | None:
        """What it cannot work without and cannot reach, or None."""
        ...

    def stop(self) -> None:
        """Gives back what it has opened."""
        ...


class Function(Protocol):
    """One function instance of func-python's contract."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; whatever happens, with a whole response."""
        ...

    def start(self, environment: Mapping[str, str]) -> None:
        """Called once before the first request."""
        ...

    def stop(self) -> None:
        """Called once after the last request."""
        ...

    def alive(self) -> tuple[bool, str]:
        """Whether the process is to go on."""
        ...

    def ready(self) -> tuple[bool, str]:
        """Whether a request that came now could be handled."""
        ...


class EventServer:
    """A function that handles events, and shows what it did under `/metrics`.

    Args:
        handler: of the events.
        store: gives the store whose study is shown as well.
        tally: one that the handler itself counts in, too.
    """

    def __init__(
        self,
        handler: Handler,
        store: Callable[[], Store] | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._handler = handler
        self._store = store
        self._tally = Tally() if tally is None else tally

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; whatever happens, with a whole response."""
        if scope["method"] == "GET" and scope.get("path") == "/metrics":
            await _send_text(send, *await asyncio.to_thread(self._metrics))
            return
        try:
            reply = await self._answer(scope, receive)
        except Exception as error:
            # func-python would send a body that is no bytes, and the response would break off
            log.exception("the handler failed")
            reply = Reply(500, "the handler failed", f"{type(error).__name__}: {error}")
        await _send(send, reply)

    def start(self, environment: Mapping[str, str]) -> None:
        """Called once before the first request."""
        self._handler.start(environment)

    def stop(self) -> None:
        """Called once after the last request."""
        self._handler.stop()

    def alive(self) -> tuple[bool, str]:
        """Whether the event loop turns, which being asked says, and no handler hangs."""
        longest = self._tally.longest()
        hangs = longest > LONGEST_HANDLING
        return not hangs, f"an event hangs for {longest:.0f} s" if hangs else "alive"

    def ready(self) -> tuple[bool, str]:
        """Whether an event that came now could be handled."""
        missing = self._handler.ready()
        return missing is None, missing or "ready"

    def _metrics(self) -> tuple[bytes, str]:
        """What Prometheus scrapes: of this process alone where the store is away."""
        from ..telemetry.exposition import CONTENT_TYPE, exposition
        from ..telemetry.study_figures import study_figures

        try:
            figures = () if self._store is None else study_figures(self._store())
        except Problem as problem:
            log.warning("no figures of the store: %s", problem)
            figures = ()
        return exposition(self._tally, figures), CONTENT_TYPE

    def _receive(self, event: Event) -> Reply:
        """Handles an event in this thread: counted, timed and traced."""
        began, status = time.monotonic(), 503
        kind = event.type if event.type in KNOWN else "other"
        try:
            with self._tally.handling(), span(kind, event, **{"event.id": event.id}):
                reply = self._handler.receive(event)
                status = reply.status
                return reply
        finally:
            self._tally.answered(kind, status, time.monotonic() - began)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            return Reply(405, "only POST is answered")
        body = b""
        try:
            headers = _headers(scope)
            body = await _body(receive)
            event = from_http(headers, body)
        except MalformedEvent as error:
            return await asyncio.to_thread(self._handler.refuse, error, body)
        try:
            return await asyncio.to_thread(self._receive, event)
        except Problem as problem:
            log.error("%s %s", problem.diagnostic.code, problem)
            if problem.diagnostic.code in _LASTING:
                return Reply(422, problem.diagnostic.code, str(problem))
            return Reply(503, problem.diagnostic.code, str(problem), retry=5)


def refusal(error: MalformedEvent) -> Reply:
    """The answer to what is no event: 4xx, since sending it again cannot help."""
    if isinstance(error, OversizedEvent):
        return Reply(413, "the event is too large", str(error))
    return Reply(400, "not an event", str(error))


def _headers(scope: Scope) -> dict[str, str]:
    try:
        return {
            name.decode("ascii").lower(): value.decode("utf-8") for name, value in scope["headers"]
        }
    except UnicodeDecodeError as error:
        raise MalformedEvent("a header is not UTF-8") from error


async def _body(receive: Receive) -> bytes:
    """The body; one that is too large is read on without being kept, so that the sender hears."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= _MOST_DROPPED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedEvent("the sender went away")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= MAX_BYTES:
            parts.append(part)
        more = message.get("more_body", False)
    if size > MAX_BYTES:
        raise OversizedEvent(f"the event has more than {MAX_BYTES} bytes")
    return b"".join(parts)


async def _send_text(send: Send, body: bytes, content: str) -> None:
    headers = [
        (b"content-type", content.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send(send: Send, reply: Reply) -> None:
    """A 2xx without a body, since a broker takes a body for an event; else a problem document."""
    headers: list[tuple[bytes, bytes]] = []
    body = b""
    if reply.status >= 300:
        document = {"status": reply.status, "title": reply.title, "detail": reply.detail}
        body = json.dumps({k: v for k, v in document.items() if v}).encode()
        headers.append((b"content-type", b"application/problem+json"))
    if reply.retry is not None:
        headers.append((b"retry-after", str(reply.retry).encode()))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
