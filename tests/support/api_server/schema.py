"""How a value merges: as one, by its keys, as a set, field by field."""

from __future__ import annotations

from typing import Any, Literal

from .kinds import Schema, definitions

Relation = Literal["leaf", "atomic", "fields", "entries", "keyed", "set"]

DEDUCED: Schema = {"x-deduced": True}
"""A value of which the schema says nothing: mappings merge, lists are atomic."""


def relation(value: Any, schema: Schema) -> Relation:
    """What structured-merge-diff does with a value of a schema."""
    schema = resolved(schema)
    if isinstance(value, dict):
        if schema.get("x-kubernetes-map-type") == "atomic":
            return "atomic"
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            return "fields"
        return "entries" if "properties" not in schema else "fields"
    if isinstance(value, list):
        match schema.get("x-kubernetes-list-type"):
            case "map":
                return "keyed"
            case "set":
                return "set"
            case _:
                return "atomic"
    return "leaf"


def child(schema: Schema, key: str) -> Schema | None:
    """The schema of a field; None where it is not declared."""
    schema = resolved(schema)
    if "x-deduced" in schema:
        return DEDUCED
    known = schema.get("properties", {})
    if key in known:
        return dict(known[key])
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and others:
        return others
    if others or schema.get("x-kubernetes-preserve-unknown-fields"):
        return DEDUCED
    if schema.get("type") in ("object", ["object", "null"]) and not known:
        return DEDUCED if "properties" not in schema else None
    return None


def item(schema: Schema) -> Schema:
    """The schema of a list's items."""
    schema = resolved(schema)
    return dict(schema.get("items", DEDUCED))


def keys(schema: Schema) -> tuple[str, ...]:
    return tuple(resolved(schema).get("x-kubernetes-list-map-keys", ()))


def default_of(schema: Schema, key: str) -> Any:
    """The default of a key field: `protocol` of a port is TCP."""
    found = child(item(schema), key)
    if found is not None and "default" in resolved(found):
        return resolved(found)["default"]
    return "TCP" if key == "protocol" else None


def is_declared(schema: Schema, key: str) -> bool:
    """Whether a field stands by name in the schema: others are entries of a mapping."""
    return key in resolved(schema).get("properties", {})


def resolved(schema: Schema) -> Schema:
    """A schema with its reference followed; what stands beside it wins."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return {**definitions()[str(reference).rpartition("/")[2]], **_beside(schema)}


def _beside(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key.startswith("x-kubernetes")}
