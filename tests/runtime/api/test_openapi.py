"""The OpenAPI document is one, and says the truth."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from omniforce.runtime.functions.api.routes import SEGMENTS
from omniforce.runtime.functions.api.table import ROUTES

from .conftest import Fill, Service, compiled, study_json

S = "/projects/vision/studies/s"


@pytest.fixture(scope="module")
def document(shared: Service) -> Any:
    found = shared.get("/openapi.json", who=None)
    assert found.status == 200
    return found.json


def test_it_is_valid_openapi(document: Any) -> None:
    validate = pytest.importorskip("openapi_spec_validator").validate
    validate(document)


def test_it_has_every_route_and_no_other(document: Any) -> None:
    told = {(m.upper(), path) for path, item in document["paths"].items() for m in item}
    assert told == {(route.method, route.path) for route in ROUTES}
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_every_variable_of_a_path_has_a_pattern() -> None:
    names = {part[1:-1] for r in ROUTES for part in r.segments if part.startswith("{")}
    assert names == set(SEGMENTS)


def schema(document: Any, name: str) -> Validator:
    whole = {**document, "$ref": f"#/components/schemas/{name}"}
    return jsonschema.Draft202012Validator(whole)


def test_answers_are_as_it_says(service: Service, fill: Fill, document: Any) -> None:
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    store = service.store()
    fill(store, 3)
    store.close()
    bodies = {"Extension": {"trials": 1}, "Parameters": {"parameters": {"x": 1}}}
    bodies |= {"Rating": {"rating": 1}, "Object": {}}
    names = {"project": "vision", "study": "s", "trial": "0", "attempt": "1", "name": "none"}
    for route in ROUTES:
        if route.kind == "stream":
            continue
        body = bodies.get(route.body or "")
        said = service.ask(route.method, route.path.format(**names), body)
        assert said.status < 500
        declared = document["paths"][route.path][route.method.lower()]["responses"]
        assert str(said.status) in declared, (route.name, said.status)
        name = route.answers.get(said.status, "Problem")
        answered = said.body.decode() if route.kind == "text" else said.json
        schema(document, name).validate(answered)
        if route.body in bodies and said.status < 300:
            schema(document, route.body or "").validate(body)
