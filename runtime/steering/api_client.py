"""How `ofc` speaks with the API: TLS that is verified, a token from a file, problems as they are.

A deed whose answer was lost is asked for again under its key, and so is done once.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from omniforce.spec.problem import Problem

from ..http_client import NoAnswer, request

AWAY = "OFC840"
STRANGE = "OFC841"
BAD_TOKEN_FILE = "OFC842"  # noqa: S105 - a code
IN_THE_OPEN = "OFC843"

TIMEOUT = 60.0
"""Seconds for one answer; a function that slept takes some of them to wake."""
MOST = 64 * 1024 * 1024
_PAUSES = (0.5, 1.0, 2.0)
_AGAIN = (429, 502, 503, 504)
_MOST_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Who asks, and where.

    Attributes:
        url: without a slash at its end, without `/v1`.
    """

    url: str
    token: str | None
    context: ssl.SSLContext | None

    @classmethod
    def at(cls, url: str, token_file: Path | None, ca: Path | None) -> ApiClient:
        """The API at a URL.

        Raises:
            Problem: the URL, the token's file or the certificates cannot be used.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise Problem(AWAY, "`--api` is no http(s) URL", "write `--api https://ofc.example`")
        if parts.username is not None:
            raise Problem(AWAY, "`--api` has credentials in it", "use `--token-file`")
        token = None if token_file is None else _token(token_file)
        if parts.scheme == "http" and token is not None and not _is_here(parts.hostname):
            raise Problem(
                IN_THE_OPEN,
                f"the token would go to `{parts.hostname}` for all to read",
                "write `https://`",
            )
        context = None
        if parts.scheme == "https":
            try:
                context = ssl.create_default_context(cafile=None if ca is None else str(ca))
            except (OSError, ssl.SSLError) as error:
                raise Problem(
                    AWAY, f"`{ca}` holds no certificates: {error}", "name a PEM file by `--ca`"
                ) from error
        return cls(url.rstrip("/").removesuffix("/v1"), token, context)

    def ask(
        self, method: str, path: str, body: bytes = b"", key: str | None = None
    ) -> Mapping[str, object]:
        """One request and the object that answers it.

        Raises:
            Problem: what the API says, or that it does not answer.
        """
        headers = self._headers() | ({} if key is None else {"idempotency-key": key})
        if body:
            headers["content-type"] = "application/json"
        for pause in (*_PAUSES, None):
            try:
                answer = request(
                    method,
                    f"{self.url}/v1{path}",
                    headers=headers,
                    body=body,
                    timeout=TIMEOUT,
                    context=self.context,
                    most=MOST,
                )
            except NoAnswer as error:
                if pause is None:
                    raise self.away(error) from error
            else:
                if pause is None or answer.status not in _AGAIN:
                    return _document(answer.status, answer.body)
            time.sleep(pause)
        raise AssertionError  # the last turn returns or raises

    def stream(
        self, path: str, cursor: str
    ) -> Iterator[tuple[str, Mapping[str, object] | None, str]]:
        """A stream of events: each one's kind, document and cursor.

        `("", None, "")` is a sign of life. Ends where the function ends it, to be asked for again.

        Raises:
            NoAnswer: nobody answers, or the stream broke off.
            Problem: what the API says.
        """
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if self.context is not None:
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=TIMEOUT, context=self.context
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
        headers = self._headers() | {"accept": "text/event-stream"}
        if cursor:
            headers["last-event-id"] = cursor
        try:
            connection.request("GET", f"{parts.path}/v1{path}", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                _document(response.status, response.read(MOST).decode("utf-8", "replace"))
                raise strange(f"status {response.status}")
            yield from _events(response)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{self.url}: {error or type(error).__name__}", sent=True) from error
        finally:
            connection.close()

    def away(self, error: NoAnswer) -> Problem:
        """Nobody answers."""
        return Problem(
            AWAY,
            f"the API does not answer: {error}",
            "look at the URL, at `--ca`, and whether the function is ready",
        )

    def _headers(self) -> dict[str, str]:
        found = {"accept": "application/json", "user-agent": "ofc"}
        if self.token is not None:
            found["authorization"] = f"Bearer {self.token}"
        return found


def strange(what: str) -> Problem:
    """What answers is not our API, or a much older one."""
    return Problem(
        STRANGE,
        f"what answers is no API of ofc: {what[:200]}",
        "look at the URL: it is that of the `api` function, without a path",
    )


def _document(status: int, body: str) -> Mapping[str, object]:
    if len(body) >= MOST:
        raise strange("the answer is too large")
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise strange(f"status {status}, and no JSON object")
    found = cast("dict[str, object]", document)
    if 200 <= status < 300:
        return found
    code, detail = found.get("code"), found.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        raise strange(f"status {status}, and no problem of ours")
    help_ = found.get("help")
    raise Problem(code, detail, help_ if isinstance(help_, str) else "")


def _events(
    response: http.client.HTTPResponse,
) -> Iterator[tuple[str, Mapping[str, object] | None, str]]:
    kind, data, cursor = "", "", ""
    while raw := response.readline(MOST):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                yield kind, _document(200, data), cursor
            kind, data, cursor = "", "", ""
        elif name == "":
            yield "", None, ""
        elif name == "event":
            kind = value
        elif name == "data":
            data += value
        elif name == "id":
            cursor = value


def _token(place: Path) -> str:
    try:
        with place.open(encoding="ascii") as file:
            token = file.read(_MOST_TOKEN).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise Problem(
            BAD_TOKEN_FILE,
            f"the token cannot be read from `{place}`: {reason}",
            "`ofc api token` makes one; write it into a file that only you can read",
        ) from None
    if not token or not token.isprintable() or " " in token:
        raise Problem(
            BAD_TOKEN_FILE, f"`{place}` holds no token", "one line with the token, and nothing else"
        )
    return token


def _is_here(host: str) -> bool:
    """Whether what is sent there stays on this machine, or in the cluster that asks."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith((".svc", ".svc.cluster.local"))
