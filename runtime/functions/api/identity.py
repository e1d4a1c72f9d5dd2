"""Who asks: by a bearer token, or by the certificate that a trusted proxy has seen.

What proxies send is looked at only together with their own secret: any pod of the cluster can
reach the function past the ingress and write what headers it likes.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re

from .access_file import Access, Identity, Proxy
from .answers import NOBODY, TOO_MANY_ATTEMPTS, Refusal, malformed
from .failed_attempts import FailedAttempts
from .request import Request

PROXY_SECRET = "x-ofc-proxy-secret"  # noqa: S105 - the name of a header
_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/=-]{1,512})")


def identify(request: Request, access: Access, attempts: FailedAttempts) -> Identity:
    """Who asks.

    Raises:
        Refusal: nobody that the access file knows, or too many failures from there.
    """
    given = request.header("authorization")
    identity = _by_token(given, request, access, attempts) if given is not None else None
    if given is None:
        identity = _by_certificate(request, access)
        if identity is None and any(request.header(p.header) for p in access.proxies):
            attempts.failed(request.peer)
    if identity is None:
        raise Refusal(
            NOBODY,
            "the request names nobody that is known here",
            "send `Authorization: Bearer TOKEN`; `ofc api token` makes one",
            (("www-authenticate", 'Bearer realm="omniforce"'),),
        )
    return identity


def _by_token(
    given: str, request: Request, access: Access, attempts: FailedAttempts
) -> Identity | None:
    found = _BEARER.fullmatch(given.strip())
    digest = "" if found is None else hashlib.sha256(found[1].encode()).hexdigest()
    if not attempts.was_right(digest):
        wait = attempts.seconds_to_wait(request.peer)
        if wait > 0:
            raise Refusal(
                TOO_MANY_ATTEMPTS,
                "too many requests from there were let in by nobody",
                "wait, then look at the token",
                (("retry-after", str(math.ceil(wait))),),
            )
    identity = None
    for each in access.identities:  # all of them, so that time tells nothing
        if hmac.compare_digest(digest, each.token_sha256 or "-"):
            identity = each
    if identity is None:
        attempts.failed(request.peer)
    else:
        attempts.right(digest)
    return identity


def _by_certificate(request: Request, access: Access) -> Identity | None:
    secret = request.header(PROXY_SECRET)
    if secret is None or request.header("sec-fetch-site") not in (None, "same-origin", "none"):
        return None  # a browser has a certificate for whatever page asks; a token it has not
    digest = hashlib.sha256(secret.encode()).hexdigest()
    for proxy in access.proxies:
        told = request.header(proxy.header)
        if told is not None and hmac.compare_digest(digest, proxy.secret_sha256):
            return _of_certificate(told, proxy, request, access)
    return None


def _of_certificate(told: str, proxy: Proxy, request: Request, access: Access) -> Identity | None:
    if proxy.form == "xfcc":
        fields = xfcc_element(told, proxy.hops)
        subject, uri = fields.get("subject"), fields.get("uri")
    else:
        if request.header("ssl-client-verify") not in (None, "SUCCESS"):
            return None
        subject, uri = told, None
    for each in access.identities:
        if subject and each.subject and same_subject(each.subject, subject):
            return each
        if uri and each.uri == uri:
            return each
    return None


def xfcc_element(text: str, hops: int) -> dict[str, str]:
    """The fields of one element of an `x-forwarded-client-cert`, by name in small letters.

    Elements are counted from the right, where a proxy appends: what a client made up stands left
    of what the trusted proxy has seen. Empty where there are not exactly `hops` behind it.
    """
    elements = _split(text, ",")
    if len(elements) != hops + 1:
        return {}
    fields: dict[str, str] = {}
    for pair in _split(elements[0], ";"):
        name, _, value = pair.partition("=")
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        if name.strip().lower() in fields:
            return {}  # two of a kind: nobody says which counts
        fields[name.strip().lower()] = value
    return fields


def same_subject(one: str, other: str) -> bool:
    """Whether two subjects are the same; blanks after commas do not matter."""
    return _parts(one) == _parts(other)


def _parts(subject: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"(?<!\\),", subject))


def _split(text: str, at: str) -> list[str]:
    """The parts of a text, where what is quoted is not looked into."""
    parts, quoted, escaped = [""], False, False
    for sign in text:
        if sign == at and not quoted:
            parts.append("")
            continue
        if sign == '"' and not escaped:
            quoted = not quoted
        escaped = sign == "\\" and not escaped
        parts[-1] += sign
    if quoted:
        raise malformed("a header has a quotation mark without its other")
    return parts
