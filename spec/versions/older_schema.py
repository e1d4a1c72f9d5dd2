"""The JSON Schema of an older version: that of the newest one, with the keys of then."""

from __future__ import annotations

from typing import Any, cast

from .changes import ANY, LATEST, Change, steps_from

Json = dict[str, Any]


def older_schema(newest: dict[str, object], version: str) -> dict[str, object]:
    """The schema as editors need it for files of `version`.

    Args:
        newest: the schema of the newest version; it is changed.
        version: one of `VERSIONS`.
    """
    schema = cast("Json", newest)
    for step in reversed(steps_from(version)):
        for change in step.changes:
            _undo(schema, change)
    schema["$id"] = schema["$id"].replace(_short(LATEST), _short(version))
    described = schema["properties"]["apiVersion"]["description"]
    schema["properties"]["apiVersion"] = {"description": described, "enum": [version]}
    return newest


def _undo(schema: Json, change: Change) -> None:
    block = _block(schema, schema["properties"]["spec"])
    for name in change.path[:-1]:
        properties = block["properties"]
        inner = next(iter(properties.values())) if name == ANY else properties[name]
        block = _block(schema, inner)
    old = change.path[-1]
    block["properties"] = {
        (old if key == change.key else key): (
            _values(value, change) if key == change.key else value
        )
        for key, value in block["properties"].items()
    }
    if change.key in block.get("required", ()):
        block["required"] = [old if key == change.key else key for key in block["required"]]


def _values(schema: Json, change: Change) -> Json:
    """What the key took: truth values, where those have words now."""
    if {old for old, _ in change.values} != {"true", "false"}:
        return schema
    made: Json = {"description": schema.get("description", "")}
    made["anyOf"] = [{"type": "boolean"}, {"$ref": "#/definitions/Placeholder"}]
    now = {new: old == "true" for old, new in change.values}
    if schema.get("default") in now:
        made["default"] = now[schema["default"]]
    return made


def _block(schema: Json, accepted: Json) -> Json:
    """The definition that a property refers to, in `allOf` or `anyOf` or by itself."""
    todo = [accepted]
    while todo:
        each = todo.pop()
        reference = each.get("$ref", "")
        name = reference.removeprefix("#/definitions/")
        if reference and name != "Placeholder":
            return cast("Json", schema["definitions"][name])
        todo += [*each.get("allOf", ()), *each.get("anyOf", ())]
    raise LookupError("a change of the language leads to no block")


def _short(version: str) -> str:
    return version.rpartition("/")[2]
