"""Answers as an API server gives them: objects, and `Status` for what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .kinds import Kind

Tree = dict[str, Any]


@dataclass
class Answer:
    code: int
    body: Tree | str
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def status(code: int, reason: str, message: str, details: Tree | None = None) -> Answer:
    body: Tree = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    body["message"] = message
    if reason:
        body["reason"] = reason
    if details is not None:
        body["details"] = details
    return Answer(code, body | {"code": code})


def details(kind: Kind, name: str = "", causes: list[Tree] | None = None, **more: Any) -> Tree:
    made: Tree = {"name": name} if name else {}
    if kind.group:
        made["group"] = kind.group
    made["kind"] = more.pop("called", kind.plural)
    return made | ({"causes": causes} if causes else {}) | more


def not_found(kind: Kind, name: str) -> Answer:
    message = f'{kind.qualified} "{name}" not found'
    return status(404, "NotFound", message, details(kind, name))


def no_namespace(name: str) -> Answer:
    message = f'namespaces "{name}" not found'
    return status(404, "NotFound", message, {"name": name, "kind": "namespaces"})


def invalid(kind: Kind, name: str, causes: list[tuple[str, str, str]]) -> Answer:
    """422; the causes as reason, field, message."""
    told = [f"{field}: {message}" for _, field, message in causes]
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    message = f'{kind.qualified_kind} "{name}" is invalid: {text}'
    plain = [{"reason": r, "message": m, "field": f} for r, f, m in causes]
    return status(422, "Invalid", message, details(kind, name, plain, called=kind.kind))


def untyped(kind: Kind, namespace: str | None, name: str, what: str) -> Answer:
    """What a server-side apply of a wrong document gets: a 500 without a reason (seen on 1.36)."""
    place = f"{namespace}/{name}" if namespace else f"/{name}"
    of = f"{kind.group}/{kind.version}, Kind={kind.kind}"
    return status(500, "", f"failed to create typed patch object ({place}; {of}): {what}")


def denied(webhook: str, why: str, code: int = 400) -> Answer:
    """An admission webhook's refusal; Knative's answer 400, controller-runtime's 403."""
    reason = "BadRequest" if code == 400 else "Forbidden"
    return status(code, reason, f'admission webhook "{webhook}" denied the request: {why}')


def forbidden(kind: Kind, name: str, user: str, verb: str, namespace: str | None) -> Answer:
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    what = f'{kind.qualified} "{name}"' if name else kind.qualified
    text = (
        f'{what} is forbidden: User "{user}" cannot {verb} resource "{kind.plural}" '
        f'in API group "{kind.group}" {where}'
    )
    return status(403, "Forbidden", text, details(kind, name))


def terminating(kind: Kind, name: str, namespace: str) -> Answer:
    text = (
        f'{kind.qualified} "{name}" is forbidden: unable to create new content in namespace '
        f"{namespace} because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    return status(403, "Forbidden", text, details(kind, name, [cause]))
