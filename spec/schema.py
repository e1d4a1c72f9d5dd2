"""The JSON Schema of a spec, for editors: made of the readers, so that it cannot differ from them.

It knows the shape of a spec and not what holds between its blocks; that is for `ofc check`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from .as_written import as_written
from .blocks.parameter import Parameter
from .blocks.study import Study
from .readers import Block, KeyOf, ListOf, MapOf, OneKeyOf, Schema, keys_of

ID: Final = "https://omniforce.dev/schema/v1alpha1.json"
PLACEHOLDER: Final[Schema] = {
    "type": "string",
    "pattern": r"\$\(params\.[^)]+\)",
    "description": "A parameter of the spec.",
}


def json_schema() -> dict[str, object]:
    """The schema, draft-07; a new one at each call."""
    definitions: dict[str, object] = {"Placeholder": PLACEHOLDER}
    _define(Study, definitions)
    _define(Parameter, definitions)
    root = definitions.pop("Study")
    assert isinstance(root, dict)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        **root,
        "title": "OmniForce",
        "definitions": dict(sorted(definitions.items())),
    }


def _define(block: type[Any], definitions: dict[str, object]) -> None:
    """Adds a block, and those that it is made of."""
    if block.__name__ in definitions:
        return
    keys = keys_of(block)
    definitions[block.__name__] = {
        "title": block.__name__,
        "description": _summary(block),
        "type": "object",
        "properties": {name: _property(key) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
        "patternProperties": {"^x-": {"description": "The writer's own; nothing reads it."}},
    }
    for key in keys.values():
        for inner in _blocks(key.reader):
            _define(inner, definitions)


def _summary(block: type[Any]) -> str:
    """The docstring without what it says of attributes."""
    return (inspect.getdoc(block) or "").partition("\n\nAttributes:")[0].replace("\n", " ")


def _blocks(reader: object) -> tuple[type[Any], ...]:
    match reader:
        case Block(type=block):
            return (block,)
        case OneKeyOf(types=types):
            return types
        case ListOf(item=inner) | MapOf(value=inner):
            return _blocks(inner)
        case _:
            return ()


def _property(key: KeyOf) -> dict[str, object]:
    accepted = _filled(key.reader.schema())
    # Beside a `$ref`, draft-07 looks at nothing else.
    made: dict[str, object] = {"allOf": [accepted]} if "$ref" in accepted else dict(accepted)
    made["description"] = key.doc
    if not key.required and key.default is not None:
        made["default"] = as_written(key.reader, key.default)
    if key.example is not None:
        made["examples"] = [_example(key.example)]
    return made


def _example(written: object) -> object:
    """An example is written as it would stand in a file."""
    import yaml

    return yaml.safe_load(written) if isinstance(written, str) else written


def _filled(schema: Schema) -> dict[str, object]:
    """The schema that takes a placeholder wherever it takes a scalar."""
    made = dict(schema)
    match schema:
        case {"$ref": _}:
            return made
        case {"anyOf": list(branches)}:
            inner = [b for each in branches for b in _branches(_filled(each))]
            unique = [b for i, b in enumerate(inner) if b not in inner[:i]]
            return {**made, "anyOf": unique}
        case {"type": "array", "items": Mapping() as items}:
            return {**made, "items": _filled(items)}
        case {"type": "object"}:
            for name in ("patternProperties", "properties"):
                inner_schemas = schema.get(name)
                if isinstance(inner_schemas, Mapping):
                    made[name] = {k: _filled(v) for k, v in inner_schemas.items()}
            more = schema.get("additionalProperties")
            if isinstance(more, Mapping):
                made["additionalProperties"] = _filled(more)
            return made
        case {"type": "null"} | {"type": "string"} if "pattern" not in schema:
            return made
        case _ if not schema:
            return made
        case _:
            return {"anyOf": [made, {"$ref": "#/definitions/Placeholder"}]}


def _branches(schema: dict[str, object]) -> list[object]:
    inner = schema.get("anyOf")
    return inner if isinstance(inner, list) and len(schema) == 1 else [schema]
