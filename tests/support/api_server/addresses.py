"""What an address of the API names."""

from __future__ import annotations

from urllib.parse import unquote


def address_of(path: str) -> tuple[str, str, str | None, str, str | None] | None:
    """Group, version, namespace, plural and name of an address of objects."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) >= 3:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = None
    if rest[0] == "namespaces" and len(rest) >= 3:
        namespace, rest = rest[1], rest[2:]
    return group, version, namespace, rest[0], rest[1] if len(rest) > 1 else None


def verb_of(method: str, name: str | None, query: dict[str, str]) -> str:
    if method == "GET":
        return "get" if name is not None else "watch" if query.get("watch") else "list"
    return {"POST": "create", "PATCH": "patch", "PUT": "update", "DELETE": "delete"}[method]
