"""One HTTP request with the standard library: to a broker, or to the cluster's API server."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_MOST = 65536  # enough where the answer is only for messages


class NoAnswer(Exception):  # noqa: N818
    """Nobody answered.

    Attributes:
        sent: whether the request may have arrived all the same.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: str


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    timeout: float,
    context: ssl.SSLContext | None = None,
    most: int = _MOST,
) -> Answer:
    """Sends one request, follows no redirect and asks no proxy; reads `most` bytes of the answer.

    Raises:
        NoAnswer: the connection failed, or `timeout` seconds went by without an answer.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NoAnswer(f"{url}: {error}", sent=False) from error
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read(most).decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{url}: {error or type(error).__name__}", sent=True) from error
    finally:
        connection.close()
