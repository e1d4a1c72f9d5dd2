"""The OpenAPI 3.1 document, made from the table of routes and from our own values."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from omniforce.spec.readers import camel

from ...trial.contract import Json
from .answers import Answer, json_answer

if TYPE_CHECKING:
    from .routes import Route

PROBLEM = "application/problem+json"
Schema = dict[str, Any]

_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "stream": "text/event-stream",
    "text": "text/plain",
}
_WHY: Mapping[int, str] = {
    400: "It cannot be read.",
    401: "It names nobody that is known here.",
    403: "The caller's role does not allow it.",
    404: "There is no such thing, or the caller may not see it.",
    409: "The state of the study does not allow it.",
    413: "It is too large.",
    422: "It is no point of the space, or its key was used for another request.",
    429: "Too many requests from there were let in by nobody.",
    503: "The store cannot be used for now.",
}


def answer(routes: Sequence[Route]) -> Answer:
    """The document as an answer."""
    return json_answer(document(routes))


def document(routes: Sequence[Route]) -> Mapping[str, Json]:
    """The whole document."""
    from omniforce.compiler.version import VERSION

    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "OmniForce studies",
            "version": VERSION,
            "description": "How studies stand, and what people may do to them while they live.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`ofc api token` makes one. A certificate that a trusted proxy "
                    "has seen does as well.",
                }
            },
        },
    }
    return cast("Mapping[str, Json]", made)


def _operation(route: Route) -> Schema:
    made: Schema = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [*map(_path_parameter, _names(route)), *_query(route), *_headers(route)],
        "responses": _responses(route),
    }
    if route.role is not None:
        made["description"] = f"For whoever is at least {route.role} of the project."
    if not route.needs_token:
        made["security"] = []
    if route.body is not None:
        made["requestBody"] = {
            "required": route.body != "Nothing",
            "content": {"application/json": {"schema": _ref(route.body)}},
        }
    return {key: value for key, value in made.items() if value != [] or key == "security"}


def _names(route: Route) -> list[str]:
    return [part[1:-1] for part in route.segments if part.startswith("{")]


def _path_parameter(name: str) -> Schema:
    number = name in ("trial", "attempt")
    schema: Schema = {"type": "integer", "minimum": 0} if number else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(route: Route) -> list[Schema]:
    return [
        {
            "name": each.name,
            "in": "query",
            "description": each.description,
            "schema": {"type": "array", "items": each.schema} if each.repeats else each.schema,
        }
        for each in route.query
    ]


def _headers(route: Route) -> list[Schema]:
    if route.kind == "stream":
        name, what = "Last-Event-ID", "The id of the last event that was seen."
    elif route.method == "POST" and route.name != "createStudy":
        name, what = "Idempotency-Key", "With the same key the same is done once."
    elif route.method == "GET" and route.kind == "json":
        name, what = "If-None-Match", "The `ETag` of the answer that is known: 304 if it is so yet."
    else:
        return []
    schema = {"type": "string", "maxLength": 200}
    return [{"name": name, "in": "header", "description": what, "schema": schema}]


def _responses(route: Route) -> Schema:
    made: Schema = {}
    for status, name in sorted(route.answers.items()):
        kind = "application/octet-stream" if route.kind == "bytes" else _TYPES[route.kind]
        made[str(status)] = {
            "description": "It is so." if status == 200 else "It was made.",
            "content": {kind: {"schema": _ref(name)}},
        }
    if route.method == "GET" and route.kind == "json":
        made["304"] = {"description": "It is as the caller knows it."}
    wrong = [400, 413, 503]
    if route.needs_token:
        wrong += [401, 429]
    if route.role is not None:
        wrong.append(404)
    if route.role not in (None, "viewer"):
        wrong += [403, 409, 422]
    for status in sorted(wrong):
        made[str(status)] = {
            "description": _WHY[status],
            "content": {PROBLEM: {"schema": _ref("Problem")}},
        }
    return made


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Schema:
    """Every schema by name; those of our own values are made from their classes."""
    from ...steering.revising import Revision
    from ...steering.steering import Extension
    from ...store.trial import Action, Artifact, CurvePoint, StudyRecord, Trial

    study = schema_of(StudyRecord)
    del study["properties"]["program"]
    study["required"].remove("program")
    whole = {
        "trials": {"type": "object", "additionalProperties": {"type": "integer"}},
        "lastAction": {"type": "integer"},
    }
    role = {"type": "string", "enum": ["viewer", "operator", "admin"]}
    text: Schema = {"type": "string"}
    return {
        "Action": schema_of(Action),
        "Artifact": schema_of(Artifact),
        "Point": schema_of(CurvePoint),
        "Trial": schema_of(Trial),
        "StudyShort": study,
        "Study": {
            **study,
            "properties": study["properties"] | whole,
            "required": [*study["required"], *whole],
        },
        "Extension": {**schema_of(Extension), "required": [], "additionalProperties": False},
        "Revision": schema_of(Revision),
        "Object": {"type": "object"},
        "Text": {"type": "string"},
        "Nothing": {"type": "object", "maxProperties": 0},
        "Bytes": {"type": "string", "format": "binary"},
        "Stream": {"type": "string"},
        "Me": _object({"name": text, "roles": {"type": "object", "additionalProperties": role}}),
        "Projects": _object({"projects": _array(_object({"name": text, "role": role}))}),
        "Studies": _object({"studies": _array(_ref("StudyShort")), "next": _null("string")}),
        "Program": _object({"revision": {"type": "integer"}, "program": {"type": "object"}}),
        "Trials": _object({"trials": _array(_ref("Trial")), "next": _null("integer")}),
        "TrialAlone": _object({"trial": _ref("Trial")}),
        "TrialWhole": _object(
            {
                "trial": _ref("Trial"),
                "curve": _array(_ref("Point")),
                "log": text,
                "artifacts": _array(_ref("Artifact")),
            }
        ),
        "Curve": _object({"points": _array(_ref("Point"))}),
        "Curves": _object({"points": _array(_ref("Point")), "next": _null("integer")}),
        "Log": _object({"log": text}),
        "Artifacts": _object({"artifacts": _array(_ref("Artifact"))}),
        "Actions": _object({"actions": _array(_ref("Action")), "next": _null("integer")}),
        "RevisionAlone": _object({"revision": _ref("Revision")}),
        "Parameters": {
            **_object({"parameters": {"type": "object"}}),
            "additionalProperties": False,
        },
        "Rating": {**_object({"rating": _null("number")}), "additionalProperties": False},
        "Problem": {
            **_object(
                {
                    "type": {"type": "string", "format": "uri"},
                    "title": text,
                    "status": {"type": "integer"},
                    "detail": text,
                    "code": {"type": "string", "pattern": "^OFC[0-9]{3}$"},
                }
            ),
            "description": "RFC 9457; `ofc explain CODE` says more.",
        },
    }


def schema_of(hint: Any) -> Schema:
    """The JSON Schema of what `to_plain` makes of a value that is declared so."""
    simple = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    if hint in simple:
        return {"type": simple[hint]}
    origin, given = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(given)}
    if origin is tuple:
        return _array(schema_of(given[0]))
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(each) for each in given]}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(given[1])}
    hints = get_type_hints(hint)
    return _object({camel(f.name): schema_of(hints[f.name]) for f in dataclasses.fields(hint)})


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _null(type_: str) -> Schema:
    return {"type": [type_, "null"]}
