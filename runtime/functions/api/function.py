"""The function itself: one request in, one whole answer out, whatever is sent.

In this order: what can be read, what there is, who asks, what they may see, what they may do.
A token is in no log line; a line has the route's own name, and names that follow our rules.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from omniforce.spec.problem import Problem

from ...store.trial import StudyRecord
from ...telemetry.tracing import span
from ..server import Receive, Scope, Send
from . import watch
from .access_file import Identity, Role
from .answers import (
    BUG,
    MAY_NOT,
    NO_SUCH_METHOD,
    Answer,
    Refusal,
    malformed,
    not_found,
    of_problem,
)
from .desk import Desk
from .failed_attempts import FailedAttempts
from .identity import identify
from .request import Request, read_body, read_head
from .routes import SEGMENTS, Call, Route
from .table import ROUTES

SEND_SECONDS = 30.0
"""That a client has to take a piece of an answer."""

log = logging.getLogger(__name__)


class Api:
    """One function instance of func-python's contract."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._attempts = FailedAttempts(clock)
        self._streams = watch.Streams()

    def start(self, environment: Mapping[str, str]) -> None:
        """Called once before the first request."""
        self._desk = Desk.read(environment)

    def stop(self) -> None:
        """Called once after the last request."""
        self._desk.close()

    def alive(self) -> tuple[bool, str]:
        """That this is asked at all says that the event loop turns."""
        return True, "alive"

    def ready(self) -> tuple[bool, str]:
        """Whether a request that came now could be answered."""
        missing = self._desk.door.missing()
        if missing is None:
            try:
                self._desk.access.now()
            except Problem as problem:
                missing = str(problem)
        return missing is None, missing or "ready"

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; whatever happens, with a whole answer."""
        began, line = time.perf_counter(), _Line()
        try:
            answer = await self._answer(scope, receive, send, line)
        except Refusal as refusal:
            answer = refusal.answer()
        except Problem as problem:
            answer = of_problem(problem).answer()
            if answer.status >= 500:
                log.error("%s %s", problem.diagnostic.code, _plain(str(problem)))
        except TimeoutError:
            log.info("%s: the client is too slow", line)
            return
        except Exception:
            log.exception("%s failed", line)
            answer = Refusal(BUG, "the request could not be answered: a fault of ours").answer()
        if answer is not None:
            try:
                await _send(send, answer, head=scope.get("method") == "HEAD")
            except TimeoutError:
                log.info("%s: the client is too slow", line)
        status = 200 if answer is None else answer.status
        log.info("%s %s %.0f ms", line, status, 1000 * (time.perf_counter() - began))

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, line: _Line
    ) -> Answer | None:
        """The answer, or None where it was sent as a stream."""
        request = read_head(scope)
        route, names = _find(request)
        line.route = route.name
        identity = _NOBODY
        if route.needs_token:
            identity = identify(request, self._desk.access.now(), self._attempts)
            line.who = identity.name
        if request.method == "POST":
            request = replace(request, body=await read_body(request, receive))
            request.json()
        _known_query(request, route)
        if "if-match" in request.headers or "if-unmodified-since" in request.headers:
            raise malformed("no conditions are taken here", "send an `Idempotency-Key`")
        line.what = "/".join(names.values()) if names else ""
        call = Call(self._desk, request, identity, names)
        with span(f"api {route.name}"):
            call, answer = await asyncio.to_thread(_handle, route, call)
        if route.kind != "stream" or request.method == "HEAD":
            return _unless_known(request, route, answer)
        with self._streams:
            await self._stream(call, receive, send)
        return None

    async def _stream(self, call: Call, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_gone(receive))

        def is_allowed() -> bool:
            identities = self._desk.access.now().identities
            return any(each == call.identity for each in identities)

        await send({"type": "http.response.start", "status": 200, "headers": watch.HEADERS})
        try:
            async for piece in watch.pieces(call, is_allowed):
                if gone.done():
                    return
                await asyncio.wait_for(_piece(send, piece, more=True), SEND_SECONDS)
        except TimeoutError:
            raise
        except Exception as error:
            # the status is sent already: the stream ends, and its caller asks again
            log.warning("a stream ends: %s: %s", type(error).__name__, _plain(str(error)))
        finally:
            gone.cancel()
        await asyncio.wait_for(_piece(send, b"", more=False), SEND_SECONDS)


_NOBODY = Identity("nobody", {})


class _Line:
    """What the log says of a request."""

    route = "unknown"
    who = "nobody"
    what = ""

    def __str__(self) -> str:
        return f"{self.route} {self.what or '-'} by {self.who}"


def _find(request: Request) -> tuple[Route, dict[str, str]]:
    """The route of a request.

    Raises:
        Refusal: there is none, or not by this method.
    """
    methods: set[str] = set()
    for route in ROUTES:
        names = route.match(request.path)
        if names is None or not _is_named(names):
            continue
        if request.method == route.method or (request.method, route.method) == ("HEAD", "GET"):
            return route, names
        methods |= {"GET", "HEAD"} if route.method == "GET" else {route.method}
    if not methods:
        raise not_found("place")
    allowed = ", ".join(sorted(methods))
    raise Refusal(NO_SUCH_METHOD, f"this takes {allowed}", headers=(("allow", allowed),))


def _is_named(names: Mapping[str, str]) -> bool:
    return all(SEGMENTS[name].fullmatch(value) for name, value in names.items())


def _known_query(request: Request, route: Route) -> None:
    known = {each.name for each in route.query}
    if odd := set(request.query) - known:
        words = ", ".join(f"`{word}`" for word in sorted(known)) or "none"
        raise malformed(f"{len(odd)} words of the query are not known", f"it may have {words}")


def _handle(route: Route, call: Call) -> tuple[Call, Answer]:
    """Looks up what the path names, holds the role against it, and does it."""
    if "study" in call.names:
        record = call.desk.store.study(call.names["study"])
        call = replace(call, record=_visible(record, call))
    elif "project" in call.names and call.identity.role(call.project) is None:
        raise not_found("project")
    if route.role is not None:
        _must_be(route.role, call)
    return call, route.handler(call)


def _visible(record: StudyRecord | None, call: Call) -> StudyRecord:
    if record is None or record.project != call.project or not call.identity.role(call.project):
        raise not_found("study")
    return record


def _must_be(role: Role, call: Call) -> None:
    if not call.identity.may(role, call.project):
        raise Refusal(
            MAY_NOT,
            f"this is for whoever is {role} of `{call.project}`",
            "ask whoever keeps the access file",
        )


def _unless_known(request: Request, route: Route, answer: Answer) -> Answer:
    """Gives an answer its `ETag`, and only that to whoever has the same already."""
    if route.method != "GET" or answer.status != 200:
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = (*answer.headers, ("etag", tag), ("cache-control", "private, no-cache"))
    known = (request.header("if-none-match") or "").split(",")
    if tag in [each.strip().removeprefix("W/") for each in known]:
        return Answer(304, b"", "", headers)
    return replace(answer, headers=headers)


async def _gone(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, answer: Answer, *, head: bool) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode()))
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await asyncio.wait_for(send(start), SEND_SECONDS)
    body = b"" if head else answer.body
    await asyncio.wait_for(_piece(send, body, more=False), SEND_SECONDS)


async def _piece(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


def _plain(text: str) -> str:
    """A line of a log: what would break it, or steer a terminal, is spelt out."""
    return text.encode("unicode_escape").decode("ascii")[:2000]


def new() -> Api:
    """The function, as func-python starts it."""
    return Api()
