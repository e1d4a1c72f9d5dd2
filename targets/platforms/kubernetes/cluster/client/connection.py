"""One API server over HTTP: how long an answer may take, and what is tried again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from ...objects import Tree
from ..cluster import ClusterFault, Unreachable
from .answers import fault_of, is_final

CONNECT: Final = 10.0
"""Seconds until somebody answers at all."""

READ: Final = 60.0
"""Seconds for an answer: webhooks may take 30 of them."""

PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries; a server that says `Retry-After` is believed."""

FIRST_PAUSES: Final = (0.25, 1.0)
"""The same for a server that has never answered: its address may be wrong."""

LONGEST_PAUSE: Final = 30.0

APPLY: Final = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML, and says `1.10` and `on` without a doubt."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `retry_after` in seconds, where the server says it."""

    status: int
    body: bytes
    retry_after: float | None = None


@dataclass(slots=True)
class Connection:
    """Asks one API server, as one identity.

    Attributes:
        name: what messages call the cluster.
        load: reads the identity anew, for a token that has expired meanwhile.
        pause: waits so many seconds.
    """

    name: str
    load: Callable[[], Access]
    pause: Callable[[float], None] = time.sleep
    _access: Access | None = field(default=None, repr=False)
    _answered: bool = False

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Tree | None = None,
        content: str = "application/json",
        what: str = "",
    ) -> Tree:
        """The object that the server answers with; tried again where that can help.

        Every request that `client` makes may be repeated: an apply, a delete or a review twice is
        the same as once. `what` says in messages what was asked for.

        Raises:
            ClusterFault: what the server answered, or that it did not.
        """
        renewed, tries = False, 0
        while True:
            pauses = PAUSES if self._answered else FIRST_PAUSES
            pause = pauses[tries] if tries < len(pauses) else None
            tries += 1
            try:
                answer = self._once(method, path, query, body, content)
            except Unreachable as fault:
                if pause is None or not fault.passing:
                    raise
                self.pause(pause)
                continue
            self._answered = True
            if answer.status == 401 and not renewed:
                renewed, self._access = True, None
                continue
            if answer.status < 300:
                return self._read(answer)
            if pause is None or not _passes(answer, method):
                raise fault_of(answer.status, answer.body, what or f"{method} {path}", self.name)
            self.pause(_wait(answer, pause))

    def stream(
        self, path: str, query: Mapping[str, str], seconds: float, what: str
    ) -> Iterator[Tree]:
        """The JSON documents of a watch, one a line, until the server ends it.

        Raises:
            ClusterFault: the watch was not begun, or broke off.
        """
        response = self._send("GET", path, query, None, "application/json", seconds + CONNECT)
        if response.status == 401:
            response.close()
            self._access = None
            response = self._send("GET", path, query, None, "application/json", seconds + CONNECT)
        try:
            if response.status >= 300:
                body = response.read(decode_content=True)
                raise fault_of(response.status, body, what, self.name)
            yield from self._lines(response)
        finally:
            response.close()
            response.release_conn()

    def _lines(self, response: Any) -> Iterator[Tree]:
        import urllib3

        left = b""
        try:
            for chunk in response.stream(65536, decode_content=True):
                *lines, left = (left + chunk).split(b"\n")
                for line in filter(None, lines):
                    yield self._read(Answer(200, line))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(self.name, error) from error

    def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Tree | None,
        content: str,
    ) -> Answer:
        import urllib3

        response = self._send(method, path, query, body, content, READ)
        try:
            data: bytes = response.read(decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            response.close()
            raise unreachable(self.name, error) from error
        response.release_conn()
        return Answer(response.status, data, _seconds(response.headers.get("Retry-After")))

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Tree | None,
        content: str,
        read: float,
    ) -> Any:
        import urllib3

        if self._access is None:
            self._access = self.load()
        access = self._access
        url = access.address + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "User-Agent": "ofc"} | access.headers()
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = content
        try:
            return access.pool.request(
                method,
                url,
                body=data,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT, read=read),
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(self.name, error) from error

    def _read(self, answer: Answer) -> Tree:
        try:
            read = json.loads(answer.body)
        except ValueError:
            read = None
        if isinstance(read, dict):
            return read
        raise ClusterFault(
            "OFC628",
            f"what answers at `{self.name}` is no Kubernetes API server: no JSON came back",
            "look at `server:` of the kubeconfig: a proxy or a login page may stand before it",
        )


@dataclass(frozen=True, slots=True)
class Access:
    """An address, and the pool and headers to ask there; holds what must never be printed."""

    address: str
    pool: Any = field(repr=False)
    headers: Callable[[], dict[str, str]] = field(repr=False)


def unreachable(name: str, error: Exception) -> Unreachable:
    """That nobody answers, in words: what urllib3 raises names its own classes."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "SSL" in type(error).__name__:
        fault = Unreachable(
            "OFC620",
            f"the certificate of the API server of `{name}` is not trusted: {_ssl(text)}",
            "give its authority in the kubeconfig as `certificate-authority`",
        )
        fault.passing = False
        return fault
    return Unreachable(
        "OFC620",
        f"the API server of `{name}` {_why(text)}",
        "see that the address in the kubeconfig is reached from here, and run the same command "
        "again: it goes on from what is there",
    )


def _why(text: str) -> str:
    if "Connection refused" in text:
        return "does not answer: the connection is refused"
    if "Name or service not known" in text or "name resolution" in text or "getaddrinfo" in text:
        return "cannot be found: its name has no address"
    if "timed out" in text:
        return "did not answer in time"
    return "broke off the connection"


def _ssl(text: str) -> str:
    return text.rpartition("certificate verify failed: ")[2].partition(" (_ssl")[0] or text


def _passes(answer: Answer, method: str) -> bool:
    """Whether the same request may be answered otherwise a moment later."""
    if answer.status in (429, 500, 502, 503, 504):
        return not is_final(answer.body)
    # somebody wrote in between, or made the object first; a conflict of managers stays one
    raced = answer.status == 409 and b"FieldManagerConflict" not in answer.body
    return raced and method == "PATCH" and b"is being deleted" not in answer.body


def _wait(answer: Answer, pause: float) -> float:
    asked = pause if answer.retry_after is None else answer.retry_after
    return min(asked, LONGEST_PAUSE)


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None  # a date: our own pauses are as good
