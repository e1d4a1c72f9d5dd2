"""Sets of fields: who owns what of an object, in memory and as `FieldsV1`."""

from __future__ import annotations

import json
from typing import Any

from . import schema as schemas
from .kinds import Schema

Element = tuple[str, str]
"""`("f", name)`, `("k", keys as JSON)` or `("v", value as JSON)`."""

Path = tuple[Element, ...]
Fields = frozenset[Path]

_UNOWNED = frozenset({"apiVersion", "kind"})
_SERVERS = frozenset(
    {
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
        "selfLink", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds",
    }
)  # fmt: skip


def fields_of(tree: dict[str, Any], schema: Schema) -> Fields:
    """The fields that applying an object claims."""
    found: set[Path] = set()
    _collect(tree, schema, (), found)
    return frozenset(path for path in found if not _of_the_server(path))


def _of_the_server(path: Path) -> bool:
    first = path[0][1]
    return first in _UNOWNED or (first == "metadata" and (len(path) == 1 or path[1][1] in _SERVERS))


def _collect(value: Any, schema: Schema, path: Path, found: set[Path]) -> None:
    match schemas.relation(value, schema):
        case "leaf" | "atomic":
            found.add(path)
        case "fields" | "entries":
            for key, inner in value.items():
                sub = schemas.child(schema, key) or schemas.DEDUCED
                here = (*path, ("f", key))
                empty = inner is None or inner == {}
                if empty or not schemas.is_declared(schema, key):
                    found.add(here)
                if not empty:
                    _collect(inner, sub, here, found)
        case "keyed":
            for inner in value:
                here = (*path, key_of(inner, schema))
                found.add(here)
                _collect(inner, schemas.item(schema), here, found)
        case "set":
            found.update((*path, ("v", json.dumps(inner))) for inner in value)


def key_of(value: Any, schema: Schema) -> Element:
    """Which item of a list with keys a value is."""
    keys = {k: value.get(k, schemas.default_of(schema, k)) for k in schemas.keys(schema)}
    return ("k", json.dumps(keys, sort_keys=True, separators=(",", ":")))


_ABSENT = object()


def value_at(tree: Any, path: Path, schema: Schema) -> Any:
    """The value of a field; `is_absent` says whether there is none."""
    for element in path:
        tree, schema = _step(tree, element, schema)
        if tree is _ABSENT:
            return _ABSENT
    return tree


def is_absent(value: Any) -> bool:
    return value is _ABSENT


def _step(tree: Any, element: Element, schema: Schema) -> tuple[Any, Schema]:
    what, name = element
    if what == "f":
        if not isinstance(tree, dict) or name not in tree:
            return _ABSENT, schema
        return tree[name], schemas.child(schema, name) or schemas.DEDUCED
    if not isinstance(tree, list):
        return _ABSENT, schema
    for inner in tree:
        same = key_of(inner, schema) == element if what == "k" else json.dumps(inner) == name
        if same:
            return inner, schemas.item(schema)
    return _ABSENT, schema


def remove(tree: Any, path: Path, schema: Schema) -> Any:
    """A value without a field; what gets empty by that goes as well. None where nothing is left."""
    (what, name), rest = path[0], path[1:]
    if what == "f" and isinstance(tree, dict) and name in tree:
        sub = schemas.child(schema, name) or schemas.DEDUCED
        left = remove(tree[name], rest, sub) if rest else None
        others = {k: v for k, v in tree.items() if k != name}
        made = others if left is None else {k: left if k == name else v for k, v in tree.items()}
        return made or None
    if what in "kv" and isinstance(tree, list):
        kept = []
        for inner in tree:
            here = key_of(inner, schema) == path[0] if what == "k" else json.dumps(inner) == name
            left = (
                inner if not here else remove(inner, rest, schemas.item(schema)) if rest else None
            )
            kept += [] if left is None else [left]
        return kept or None
    return tree


def to_v1(fields: Fields) -> dict[str, Any]:
    """As `managedFields` shows a set."""
    root: dict[str, Any] = {}
    for path in sorted(fields):
        here = root
        for what, name in path:
            here = here.setdefault(f"{what}:{name}", {})
        if any(other[: len(path)] == path and other != path for other in fields):
            here["."] = {}
    return root


def show(path: Path) -> str:
    """As conflicts name a field."""
    text = ""
    for what, name in path:
        if what == "f":
            text += f".{name}"
        elif what == "k":
            pairs = (f"{k}={json.dumps(v)}" for k, v in json.loads(name).items())
            text += f"[{','.join(pairs)}]"
        else:
            text += f"[={name}]"
    return text
