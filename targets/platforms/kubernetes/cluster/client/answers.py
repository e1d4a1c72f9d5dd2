"""What an API server answers when it does not do as asked, as a fault in our words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..cluster import (
    ClusterFault,
    Conflicted,
    Failing,
    Forbidden,
    Forgotten,
    Missing,
    Refused,
    Unauthorized,
)

_LONGEST: Final = 2000

_CONFLICT = re.compile(r'conflict with "(?P<manager>[^"]*)"')
_WEBHOOK = re.compile(
    r'admission webhook "(?P<name>[^"]+)" denied the request:?\s*(?P<why>.*)', re.DOTALL
)
_AWAY = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')
_CANNOT = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) (?:path|resource) "(?P<what>[^"]*)"'
    r'(?: in API group "(?P<group>[^"]*)")?(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_POLICY = re.compile(r"violates PodSecurity|exceeded quota|is forbidden from creating|denied by")
_BEGUN = re.compile(
    r"^(?:[\w.]+ \"[^\"]*\" is invalid: |failed to create typed patch object \([^)]*\): )"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of a refusal: the field, and what is wrong with it."""

    reason: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Status:
    """The parts of a Kubernetes `Status` that faults are made of."""

    code: int
    reason: str
    message: str
    kind: str
    name: str
    causes: tuple[Cause, ...]


def fault_of(code: int, body: bytes, what: str, cluster: str) -> ClusterFault:
    """The fault of an answer with a body.

    `code` is HTTP's; `what` says what was asked, as in ``apply `Service/digits-search` ``.
    """
    status = read_status(code, body)
    match status.code:
        case 401:
            return Unauthorized(
                "OFC621",
                f"`{cluster}` does not know who asks: the token has expired, or there is none",
                "log in to the cluster again, then run the same command: it goes on from there",
            )
        case 403:
            return _forbidden(status, what)
        case 404:
            return _missing(status, what)
        case 409:
            return _conflict(status, what)
        case 400 | 413 | 415 | 422:
            return _refused(status, what)
        case 410:
            return Forgotten("OFC626", f"`{cluster}` forgot the list while it was read", _AGAIN)
        case 429:
            return Failing("OFC626", f"`{cluster}` has too many requests to answer: {what}", _AGAIN)
        case 500 if is_final(body):
            return _refused(status, what)
        case _ if status.code >= 500:
            return _failing(status, what, cluster)
        case _:
            text = status.message or "nothing more"
            return ClusterFault("OFC628", f"{what}: `{cluster}` answers {status.code}: {text}")


def is_final(body: bytes) -> bool:
    """Whether a 500 says that the object is wrong: so a document gets refused that has no type."""
    return b"failed to create typed patch object" in body or b"field not declared in schema" in body


_AGAIN: Final = "wait a moment and run the same command again: it goes on from what is there"


def read_status(code: int, body: bytes) -> Status:
    """The `Status` in a body; what is none is kept as the message."""
    try:
        plain = json.loads(body)
    except ValueError:
        plain = None
    if not isinstance(plain, dict) or plain.get("kind") != "Status":
        text = body[:_LONGEST].decode(errors="replace").strip()
        return Status(code, "", "" if text.startswith("<") else text, "", "", ())
    details = plain.get("details")
    details = details if isinstance(details, dict) else {}
    causes = tuple(_cause(c) for c in details.get("causes") or () if isinstance(c, dict))
    said = plain.get("code")
    return Status(
        said if isinstance(said, int) and said else code,
        str(plain.get("reason") or ""),
        str(plain.get("message") or "")[:_LONGEST],
        str(details.get("kind") or ""),
        str(details.get("name") or ""),
        causes,
    )


def _cause(plain: Mapping[str, object]) -> Cause:
    # a webhook of Knative writes its whole message here as well, once per field
    return Cause(
        str(plain.get("reason") or ""),
        str(plain.get("field") or ""),
        str(plain.get("message") or "").strip(),
    )


def _forbidden(status: Status, what: str) -> ClusterFault:
    if _ending(status):
        return Refused(
            "OFC625",
            f"{what}: the namespace is being deleted",
            "wait until it is gone, then run the same command",
        )
    cannot = _CANNOT.search(status.message)
    if cannot is None and (_WEBHOOK.search(status.message) or _POLICY.search(status.message)):
        return _refused(status, what)
    if cannot is None:
        said = f": {status.message}" if status.message else ""
        return Forbidden("OFC622", f"{what} is forbidden{said}", "ask for the right to do it")
    where = cannot["namespace"]
    place = f" in `{where}`" if where else ""
    group = f".{cannot['group']}" if cannot["group"] else ""
    resource = f"{cannot['what']}{group}"
    command = f"kubectl auth can-i {cannot['verb']} {resource}" + (f" -n {where}" if where else "")
    return Forbidden(
        "OFC622",
        f"{what}: `{cannot['user']}` may not {cannot['verb']} `{resource}`{place}",
        f"ask for a Role that grants it; `{command}` says whether it is there",
    )


def _ending(status: Status) -> bool:
    return any(c.reason == "NamespaceTerminating" for c in status.causes) or (
        "because it is being terminated" in status.message
    )


def _missing(status: Status, what: str) -> ClusterFault:
    if status.kind == "namespaces":
        return Missing(
            "OFC623",
            f"{what}: the namespace `{status.name}` is not there",
            f"`ofc apply` makes it first; by hand: `kubectl create namespace {status.name}`",
        )
    if status.message.startswith(("the server could not find", "404 page not found")):
        return Missing(
            "OFC623",
            f"{what}: the cluster does not serve this kind",
            "install what brings it, and see docs/kubernetes.md for what a cluster must have",
        )
    return Missing("OFC623", f"{what}: {status.message or 'it is not there'}")


def _conflict(status: Status, what: str) -> ClusterFault:
    found = tuple(
        (match["manager"] if (match := _CONFLICT.search(c.message)) else c.message, c.field)
        for c in status.causes
        if c.reason == "FieldManagerConflict"
    )
    if not found:
        said = _BEGUN.sub("", status.message)
        return Conflicted("OFC624", f"{what}: {said}", _AGAIN)
    listed = "; ".join(f"`{manager}` has set `{field}`" for manager, field in found)
    fault = Conflicted(
        "OFC624",
        f"{what}: {listed}",
        "let the other manager give it up (take it out of what that applies), or take it over "
        "with `ofc apply --force-conflicts`",
    )
    fault.conflicts = found
    return fault


def _refused(status: Status, what: str) -> ClusterFault:
    webhook = _WEBHOOK.search(status.message)
    if webhook is not None:
        why = " ".join(webhook["why"].split())
        return Refused(
            "OFC625",
            f"{what}: the webhook `{webhook['name']}` refuses it: {why}",
            "change the spec so that it is accepted; `ofc plan` asks the same without writing",
        )
    fields = [f"`{c.field}`: {c.message}" for c in status.causes if c.field and c.message]
    said = "; ".join(dict.fromkeys(fields)) or _BEGUN.sub("", status.message) or "without a word"
    if "immutable" in said or "may not change" in said or "updates to" in said:
        return Refused(
            "OFC625",
            f"{what}: {said}",
            "the field cannot be changed in place: delete the object first, when nothing hangs on "
            "it",
        )
    return Refused("OFC625", f"{what}: the API server refuses it: {said}")


def _failing(status: Status, what: str, cluster: str) -> ClusterFault:
    away = _AWAY.search(status.message)
    if away is not None:
        return Failing(
            "OFC626",
            f"{what}: the webhook `{away['name']}` does not answer `{cluster}`",
            "see that its pods run, then run the same command again: it goes on from there",
        )
    said = f": {status.message}" if status.message else ""
    return Failing("OFC626", f"{what}: `{cluster}` fails with {status.code}{said}", _AGAIN)
