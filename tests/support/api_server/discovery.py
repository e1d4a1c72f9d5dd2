"""Which kinds there are, as `/api` and `/apis` say it."""

from __future__ import annotations

from typing import Any

from .answer import Answer
from .kinds import Kind, kinds

Tree = dict[str, Any]


def discovery(path: str, unserved: set[str]) -> Answer:
    """The groups, or the kinds of one group and version, without those of `unserved`."""
    known = [kind for kind in kinds() if kind.group not in unserved]
    groups = _groups(known)
    if path == "/apis":
        plain = {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        return Answer(200, plain)
    for group in groups:
        if path == f"/apis/{group['name']}":
            return Answer(200, {"kind": "APIGroup", "apiVersion": "v1", **group})
    if path == "/api":
        return Answer(200, {"kind": "APIVersions", "versions": ["v1"]})
    wanted = path.removeprefix("/apis/").removeprefix("/api/")
    found = [kind for kind in known if kind.api_version == wanted]
    if not found:
        return Answer(404, "404 page not found\n")
    resources = [
        {
            "name": kind.plural,
            "singularName": kind.kind.lower(),
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        }
        for kind in found
    ]
    body = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted}
    return Answer(200, body | {"resources": resources})


def _groups(known: list[Kind]) -> list[Tree]:
    groups: dict[str, list[str]] = {}
    for kind in known:
        if kind.group and kind.version not in groups.setdefault(kind.group, []):
            groups[kind.group].append(kind.version)
    return [
        {
            "name": group,
            "versions": [{"groupVersion": f"{group}/{v}", "version": v} for v in versions],
            "preferredVersion": {"groupVersion": f"{group}/{versions[0]}", "version": versions[0]},
        }
        for group, versions in sorted(groups.items())
    ]
