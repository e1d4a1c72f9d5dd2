"""GET over HTTP with a limit to what comes and how long it may take.

TLS is asked for everywhere but on this machine. Credentials go to the host that they are for: a
redirect to another host goes there without them.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import IO, Final
from urllib.parse import urlsplit

from omniforce.spec.frozen import dataclass
from omniforce.spec.templates.reference import HERE

TIMEOUT: Final = 30.0
"""Seconds without a byte."""
WHOLE: Final = 120.0
"""Seconds for all of an answer."""
AGENT: Final = "omniforce"


class Unanswered(Exception):  # noqa: N818 - says what the other side did
    """No answer, or one that cannot be used; says why, and never what was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came, of whatever status.

    Attributes:
        challenge: how the server wants to know who asks; empty where it does not say.
    """

    status: int
    body: bytes
    challenge: str = ""


def address(host: str) -> str:
    """Where a host's pages begin: `https`, on this machine plain `http`."""
    name = urlsplit(f"//{host}").hostname
    return f"{'http' if name in HERE else 'https'}://{host}"


def get(url: str, limit: int, accept: str = "*/*", authorization: str | None = None) -> Answer:
    """What stands at an address.

    Args:
        url: `https`, or `http` on this machine.
        limit: bytes that may come.
        accept: the media types that can be read.
        authorization: for the host of `url` alone.

    Raises:
        Unanswered: nothing, too much, too slowly, or by a way that is not protected.
    """
    _hold_protected(url)
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": AGENT})  # noqa: S310
    if authorization is not None:
        request.add_unredirected_header("Authorization", authorization)
    # What is on this machine is not asked for by way of another.
    direct = [urllib.request.ProxyHandler({})] if urlsplit(url).scheme == "http" else []
    opener = urllib.request.build_opener(_Careful(), *direct)
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            return Answer(response.status, _read(response, limit))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, b"", error.headers.get("WWW-Authenticate", ""))
    except (OSError, HTTPException, ValueError) as fault:
        why = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or fault
        raise Unanswered(f"`{urlsplit(url).netloc}` does not answer: {why}") from None


def _hold_protected(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise Unanswered(f"`{parts.scheme}://{parts.netloc}` is not protected")


def hold_next(url: str, following: str) -> None:
    """Looks at where an answer from elsewhere points to: never from there into this machine.

    Raises:
        Unanswered: it is not protected, or is this machine.
    """
    _hold_protected(following)
    there, here = urlsplit(url).hostname, urlsplit(following).hostname
    if here in HERE and there not in HERE:
        raise Unanswered(f"`{there}` points to this machine")


def _read(response: HTTPResponse, limit: int) -> bytes:
    end = time.monotonic() + WHOLE
    parts: list[bytes] = []
    size = 0
    while part := response.read(1 << 16):
        size += len(part)
        if size > limit:
            raise Unanswered(f"the answer is larger than {limit:,} bytes")
        if time.monotonic() > end:
            raise Unanswered(f"the answer takes longer than {WHOLE:g} s")
        parts.append(part)
    return b"".join(parts)


class _Careful(urllib.request.HTTPRedirectHandler):
    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        hold_next(req.full_url, newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
