"""One request, read whole and within bounds: what ASGI hands over goes no further than this."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, unquote_to_bytes

from ...trial.contract import Json
from ..server import Receive, Scope
from .answers import NOT_JSON, TOO_LARGE, TOO_SLOW, Refusal, malformed

MOST_BYTES = 1024 * 1024
MOST_HEADERS = 100
MOST_HEADER_BYTES = 16 * 1024
MOST_QUERY = 4096
BODY_SECONDS = 10.0
"""That a client has for all of its body."""

_ONCE = frozenset(
    {"authorization", "content-length", "content-type", "host", "idempotency-key", "if-match"}
)
"""Headers of which two would mean that somebody on the way read another one than we do."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        path: the segments, each decoded; no slash is ever in one.
        query: every value, by name.
        headers: every value, by name in small letters.
        peer: the address that it came from.
    """

    method: str
    path: tuple[str, ...]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, Sequence[str]]
    peer: str
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header, or None.

        Raises:
            Refusal: it is there twice.
        """
        found = self.headers.get(name, ())
        if len(found) > 1:
            raise malformed(f"the header `{name}` is there twice")
        return found[0] if found else None

    def json(self) -> Mapping[str, Json]:
        """The body as a JSON object; empty where there is none.

        Raises:
            Refusal: it is none.
        """
        kind = (self.header("content-type") or "application/json").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(NOT_JSON, "the body is not `application/json`")
        if not self.body.strip():
            return {}
        try:
            document: object = json.loads(
                self.body.decode(), object_pairs_hook=_no_doubles, parse_constant=_no_number
            )
        except (ValueError, RecursionError):
            raise malformed("the body is not JSON, or has a key twice") from None
        if not isinstance(document, dict):
            raise malformed("the body is not a JSON object")
        return cast("Mapping[str, Json]", document)


def read_head(scope: Scope) -> Request:
    """All but the body.

    Raises:
        Refusal: it is malformed, or too large.
    """
    given: Sequence[tuple[bytes, bytes]] = list(scope["headers"])
    size = sum(len(name) + len(value) for name, value in given)
    if len(given) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise Refusal(TOO_LARGE, "the headers are too many, or too large")
    headers: dict[str, list[str]] = {}
    for name, value in given:
        headers.setdefault(_text(name, "a header").lower(), []).append(_text(value, "a header"))
    for once in sorted(_ONCE & headers.keys()):
        if len(headers[once]) > 1:
            raise malformed(f"the header `{once}` is there twice")
    if "transfer-encoding" in headers and "content-length" in headers:
        raise malformed("the request has both `transfer-encoding` and `content-length`")
    client = scope.get("client")
    return Request(
        method=str(scope["method"]),
        path=_segments(scope),
        query=_query(scope),
        headers=headers,
        peer=str(client[0]) if client else "",
    )


async def read_body(request: Request, receive: Receive) -> bytes:
    """The body; one that is too large is not read on, and one that is too slow is not awaited.

    Raises:
        Refusal: either, or the client went away.
    """
    length = request.header("content-length")
    if length is not None and (not length.isascii() or not length.isdigit()):
        raise malformed("`content-length` is no number")
    if length is not None and int(length) > MOST_BYTES:
        raise _too_large()
    try:
        return await asyncio.wait_for(_all(receive), BODY_SECONDS)
    except TimeoutError:
        raise Refusal(TOO_SLOW, f"the body was not there after {BODY_SECONDS:g} s") from None


async def _all(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise malformed("the client went away")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > MOST_BYTES:
            raise _too_large()
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _too_large() -> Refusal:
    return Refusal(
        TOO_LARGE, f"the body has more than {MOST_BYTES} bytes", headers=(("connection", "close"),)
    )


def _segments(scope: Scope) -> tuple[str, ...]:
    """Split before they are decoded: a slash in the path is another than `%2F` in a name."""
    raw = scope.get("raw_path") or str(scope["path"]).encode("utf-8", "replace")
    path = bytes(raw).split(b"?")[0]
    segments = [_text(unquote_to_bytes(part), "the path") for part in path.split(b"/")[1:]]
    if segments and segments[-1] == "":
        segments.pop()
    return tuple(segments)


def _query(scope: Scope) -> Mapping[str, Sequence[str]]:
    raw: bytes = scope.get("query_string", b"")
    if len(raw) > MOST_QUERY:
        raise Refusal(TOO_LARGE, f"the query has more than {MOST_QUERY} bytes")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=100,
        )
    except ValueError:
        raise malformed("the query cannot be read") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _text(raw: bytes, what: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed(f"{what} is not UTF-8") from None
    if "\0" in text:
        raise malformed(f"{what} has a NUL in it")
    return text


def _no_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")
