"""The JSON Schemas of what is no whole spec: an overlay, and a template."""

from __future__ import annotations

from typing import Any, Final, Literal

from ..layers.overlay import LIST_WORDS, MAPPING_WORDS, PATCH
from ..readers import Schema
from ..templates.document import Template
from .schema import ID, definitions_of, json_schema

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
_PORT: Final[Schema] = {
    "type": "string",
    "pattern": r"^\$\(ports\.[^)]+\)$",
    "description": "A block that the user of the template gives.",
}
_SAID: Final = ("description", "markdownDescription", "examples", "defaultSnippets")
"""What editors show of a key, whatever it takes."""
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
    parts: dict[str, object] = {
        name: _open_to_ports(block)
        for name, block in _partial(json_schema())["definitions"].items()
    }
    definitions["PortOfUser"] = _PORT
    spec: Any = definitions["TemplateSpec"]
    spec["properties"]["body"] = {"allOf": [{"$ref": f"#/definitions/{_BODY}"}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID.replace(".json", "-template.json"),
        **root,
        "title": "Template",
        "definitions": dict(sorted({**parts, **definitions}.items())),
    }


def _open_to_ports(block: Any) -> Any:
    """A block whose blocks and lists may be the user's."""
    if "properties" not in block:
        return block
    return {**block, "properties": {k: _or_port(each) for k, each in block["properties"].items()}}


def _or_port(accepted: Any) -> Any:
    """The schema of a value, or a port where it is a block, a list or a mapping of blocks."""
    if accepted.get("type") not in ("object", "array") and "$ref" not in accepted:
        return accepted
    whole = {key: each for key, each in accepted.items() if key not in _SAID}
    named = whole.get("patternProperties")
    if named is not None:
        whole["patternProperties"] = {name: _or_port(each) for name, each in named.items()}
    said = {key: accepted[key] for key in _SAID if key in accepted}
    return {**said, "anyOf": [whole, {"$ref": "#/definitions/PortOfUser"}]}


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
