"""The JSON Schema of a spec, for editors: made of the readers, so that it cannot differ from them.

It knows the shape of a spec and not what holds between its blocks; that is for `ofc check`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final, cast

from ..as_written import as_written
from ..blocks.parameter import Parameter
from ..blocks.study import Study
from ..readers import Block, KeyOf, ListOf, MapOf, OneKeyOf, Schema, keys_of
from .key_facts import key_facts
from .snippets import snippets_of

ID: Final = "https://omniforce.dev/schema/v1alpha2.json"
PLACEHOLDER: Final[Schema] = {
    "type": "string",
    "pattern": r"\$\(params\.[^)]+\)",
    "description": "A parameter of the spec.",
}
_REFERENCE: Final[Schema] = {"$ref": "#/definitions/Placeholder"}


def json_schema() -> dict[str, object]:
    """The schema, draft-07; a new one at each call."""
    definitions = definitions_of(Study)
    root = definitions.pop("Study")
    assert isinstance(root, dict)
    body: Any = definitions["StudySpec"]
    # What a template brings need not be written.
    body["if"] = {"not": {"required": ["use"]}}
    body["then"] = {"required": body.pop("required")}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        **root,
        "title": "OmniForce",
        **snippets_of("Study"),
        "definitions": dict(sorted(definitions.items())),
    }


def definitions_of(block: type[Any]) -> dict[str, object]:
    """The schemas of a block and of all that it is made of, by their names."""
    definitions: dict[str, object] = {"Placeholder": PLACEHOLDER}
    _define(block, definitions)
    _define(Parameter, definitions)
    return definitions


def _define(block: type[Any], definitions: dict[str, object]) -> None:
    """Adds a block, and those that it is made of."""
    if block.__name__ in definitions:
        return
    keys = keys_of(block)
    definitions[block.__name__] = {
        "title": block.__name__,
        "description": _summary(block),
        "type": "object",
        "properties": {name: _property(block.__name__, key) for name, key in keys.items()},
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
    """The blocks that a reader makes."""
    match reader:
        case Block():
            return (cast("Block[object]", reader).type,)
        case OneKeyOf():
            return cast("OneKeyOf[object]", reader).types
        case ListOf():
            return _blocks(cast("ListOf[object]", reader).item)
        case MapOf():
            return _blocks(cast("MapOf[object]", reader).value)
        case _:
            return ()


def _property(owner: str, key: KeyOf) -> dict[str, object]:
    accepted = _filled(key.reader.schema())
    # Beside a `$ref`, draft-07 looks at nothing else; without a type, editors write no colon.
    made: dict[str, object] = (
        {"type": "object", "allOf": [accepted]} if "$ref" in accepted else dict(accepted)
    )
    made["description"] = key.doc
    facts = key_facts(key)
    if facts != key.doc:
        made["markdownDescription"] = facts
    if not key.required and key.default is not None:
        default = as_written(key.reader, key.default)
        if not isinstance(default, Mapping | tuple | list):
            made["default"] = default  # of a block, editors would write out the whole of it
    if key.example is not None:
        made["examples"] = [_example(key.example)]
    place = f"{owner}.{key.name}"
    if isinstance(made.get("items"), dict):
        made["items"] = {**cast("Schema", made["items"]), **snippets_of(f"{place}[]")}
    return made | snippets_of(place)


def _example(written: object) -> object:
    """An example is written as it would stand in a file."""
    import yaml

    return yaml.safe_load(written) if isinstance(written, str) else written


def _filled(schema: Schema) -> dict[str, object]:
    """The schema that takes a placeholder wherever it takes a scalar."""
    made: dict[str, Any] = dict(schema)
    if "$ref" in made or not made:
        return made
    if "anyOf" in made:
        branches: list[Schema] = [b for each in made["anyOf"] for b in _branches(_filled(each))]
        once = [b for i, b in enumerate(branches) if b not in branches[:i]]
        # Where nothing is written yet, editors take the first: a block has keys to offer.
        made["anyOf"] = sorted(once, key=lambda b: "$ref" not in b or b == _REFERENCE)
        return made
    match made.get("type"):
        case "array":
            made["items"] = _filled(made["items"])
        case "object":
            for name in ("patternProperties", "properties"):
                if name in made:
                    made[name] = {key: _filled(inner) for key, inner in made[name].items()}
            if isinstance(made.get("additionalProperties"), dict):
                made["additionalProperties"] = _filled(made["additionalProperties"])
        case "null":
            pass
        case "string" if "pattern" not in made:
            pass
        case _:
            return {"anyOf": [made, dict(_REFERENCE)]}
    return made


def _branches(schema: dict[str, Any]) -> list[Schema]:
    return schema["anyOf"] if list(schema) == ["anyOf"] else [schema]
