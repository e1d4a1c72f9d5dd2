"""The JSON Schemas of what is no whole spec: an overlay, and a template."""

from __future__ import annotations

from typing import Any, Final, Literal

from .overlay import LIST_WORDS, MAPPING_WORDS, PATCH
from .readers import Schema
from .schema import ID, definitions_of, json_schema
from .templates.document import Template

SchemaKind = Literal["spec", "overlay", "template"]

_NEEDED: Final = ("required", "if", "then", "minProperties", "minItems")
"""What a schema says of what must be there."""
_NAMED: Final = ("properties", "patternProperties", "definitions")
"""Where names stand and not words of the schema."""

_BODY: Final = "StudySpec"
_MAPPING_PATCH: Final[Schema] = {
    "enum": list(MAPPING_WORDS),
    "description": "How this lies over what is below.",
}
_LIST_PATCH: Final[Schema] = {
    "type": "object",
    "properties": {PATCH: {"enum": list(LIST_WORDS)}},
    "required": [PATCH],
    "additionalProperties": False,
    "description": "How the items behind it lie over those below.",
}


def schema_of(kind: SchemaKind) -> dict[str, object]:
    """The schema of a kind of document, draft-07."""
    match kind:
        case "spec":
            return json_schema()
        case "overlay":
            whole: dict[str, object] = _partial(json_schema())
            return {**whole, "$id": ID.replace(".json", "-overlay.json"), "title": "Overlay"}
        case "template":
            return _template()


def _template() -> dict[str, object]:
    definitions = definitions_of(Template)
    root = definitions.pop("Template")
    assert isinstance(root, dict)
    parts: dict[str, object] = _partial(json_schema())["definitions"]
    spec: Any = definitions["TemplateSpec"]
    spec["properties"]["body"] = {"allOf": [{"$ref": f"#/definitions/{_BODY}"}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID.replace(".json", "-template.json"),
        **root,
        "title": "Template",
        "definitions": dict(sorted({**parts, **definitions}.items())),
    }


def _partial(schema: Any) -> Any:
    """The schema without what must be there, and with the words of overlays."""
    if isinstance(schema, list):
        return [_partial(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: {name: _partial(inner) for name, inner in value.items()}
        if key in _NAMED and isinstance(value, dict)
        else _partial(value)
        for key, value in schema.items()
        if key not in _NEEDED
    }
    if made.get("type") == "object" and "properties" in made:
        made["properties"] = {**made["properties"], PATCH: _MAPPING_PATCH}
    if made.get("type") == "array" and isinstance(made.get("items"), dict):
        made["items"] = {"anyOf": [made["items"], _LIST_PATCH]}
    return made
