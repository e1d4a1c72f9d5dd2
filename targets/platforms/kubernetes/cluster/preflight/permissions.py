"""Whether the identity may do what an apply does, asked of the server and not tried out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.spec.diagnostic import Diagnostic

from ...check.look import look
from ...names import NAMESPACE_KINDS
from ...objects import Tree
from .asking import Asking, error, note

_PLURALS: Final = {
    "NetworkPolicy": "networkpolicies",
    "InferenceService": "inferenceservices",
}
_REVIEW: Final = ("authorization.k8s.io/v1", "SelfSubjectAccessReview")


def permissions(asking: Asking) -> Iterator[Diagnostic]:
    """One finding for each kind, with all verbs that are not allowed."""
    if not asking.cluster.serves(*_REVIEW) or _may(asking, "*", "*", "*"):
        return
    verbs = ("get", "create", "patch", *(("delete", "list") if asking.prune else ()))
    for api_version, kind in dict.fromkeys(
        (str(t["apiVersion"]), str(t["kind"])) for t in asking.objects
    ):
        group = api_version.rpartition("/")[0]
        resource = plural(kind)
        where = None if kind in NAMESPACE_KINDS else asking.namespace
        if not asking.cluster.serves(api_version, kind) or _may(asking, "*", group, resource):
            continue
        asked = ("get", "create", "patch") if where is None else verbs
        answers = {verb: _may(asking, verb, group, resource) for verb in asked}
        if None in answers.values():
            yield note(
                "OFC664",
                f"the server does not say what you may do with `{resource}`",
                f"`kubectl auth can-i --list -n {asking.namespace}` shows it",
            )
            return
        if denied := [verb for verb, allowed in answers.items() if not allowed]:
            yield _denied(asking, denied, group, resource, where)


def _denied(
    asking: Asking, verbs: list[str], group: str, resource: str, where: str | None
) -> Diagnostic:
    scope = "in the cluster" if where is None else f"in `{where}`"
    named = f"{resource}.{group}" if group else resource
    return error(
        "OFC664",
        f"you may not {', '.join(verbs)} `{named}` {scope}",
        f"have a {'ClusterRole' if where is None else 'Role'} bound to you with: "
        f'apiGroups: ["{group}"], resources: ["{resource}"], verbs: [{", ".join(verbs)}]',
    )


def plural(kind: str) -> str:
    """The resource of a kind of ours."""
    return _PLURALS.get(kind, f"{kind.lower()}s")


def _may(asking: Asking, verb: str, group: str, resource: str) -> bool | None:
    """What the server answers; None where it says neither yes nor no."""
    attributes: Tree = {"verb": verb, "group": group, "resource": resource}
    if resource not in ("namespaces", "*"):
        attributes["namespace"] = asking.namespace
    api_version, kind = _REVIEW
    answer = asking.cluster.review(
        {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {},
            "spec": {"resourceAttributes": attributes},
        }
    )
    allowed = look(answer, "status", "allowed")
    return allowed if isinstance(allowed, bool) else None
