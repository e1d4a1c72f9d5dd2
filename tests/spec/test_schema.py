"""The JSON Schema takes what the readers take, and says what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.blocks.study import Study, StudySpec
from omniforce.spec.json_schema.schema import json_schema
from omniforce.spec.json_schema.snippets import SNIPPETS
from omniforce.spec.readers import Block, Reading, keys_of
from omniforce.spec.render import render
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from omniforce.spec.yaml.text import to_yaml
from tests.support.specs import EVERYTHING, SMALL, loaded

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("omniforce*.yaml"))
ERRORS = ROOT / "tests" / "errors"
# Infinity and what is no number are beyond JSON, and so beyond its schemas.
ENDLESS = ERRORS / "OFC103_numbers_without_an_end.yaml"
SHAPES = sorted(
    {*ERRORS.glob("OFC10[135]_*.yaml"), *ERRORS.glob("OFC102_missing_*.yaml")} - {ENDLESS}
)


def faults(text: str) -> list[str]:
    """What the schema says against a spec."""
    node, found = read_yaml(Source("f", text))
    assert found == ()
    assert node is not None
    return [e.message for e in Draft7Validator(json_schema()).iter_errors(plain(node))]


def test_it_is_a_schema() -> None:
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    assert schema["$id"] == "https://omniforce.dev/schema/v1alpha2.json"
    assert json_schema() == schema


def test_every_reference_leads_somewhere() -> None:
    schema = json_schema()
    definitions = schema["definitions"]
    assert isinstance(definitions, dict)
    todo: list[object] = [schema]
    while todo:
        match todo.pop():
            case {"$ref": str(ref)}:
                assert ref.removeprefix("#/definitions/") in definitions
            case dict(inner):
                todo += inner.values()
            case list(inner):
                todo += inner


def test_it_tells_what_people_ask_an_editor_for() -> None:
    definitions = json_schema()["definitions"]
    assert isinstance(definitions, dict)
    assert definitions["ScaleTo"]["description"] == (
        "How many servers there are. `min: 0` sleeps while nobody asks."
    )
    assert definitions["ScaleTo"]["properties"]["max"] == {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 1000},
            {"$ref": "#/definitions/Placeholder"},
        ],
        "description": "Servers at most.",
        "markdownDescription": (
            "Servers at most.\n\nTakes a whole number, at least 1 and at most 1,000.\n\n"
            "Default: `4`"
        ),
        "default": 4,
    }
    assert definitions["Search"]["properties"]["budget"] == {
        "type": "object",
        "allOf": [{"$ref": "#/definitions/Budget"}],
        "description": "Where it ends.",
        "markdownDescription": (
            "Where it ends.\n\nTakes the keys `trials`, `wallClock`, `gpuHours`, `usd`, `kWh`.\n\n"
            "Must be written.\n\nExample: `budget: {trials: 24}`"
        ),
        "examples": [{"trials": 24}],
    }
    assert definitions["TrialLimits"]["properties"]["timeout"]["default"] == "10m"


@pytest.mark.parametrize("place", SNIPPETS)
def test_what_an_editor_puts_in_can_be_read(place: str) -> None:
    name, _, key = place.removesuffix("[]").partition(".")
    (block,) = (b for b in (Study, StudySpec) if b.__name__ == name)
    reader: Any = keys_of(block)[key].reader if key else Block(block)
    for snippet in SNIPPETS[place]:
        written = re.sub(r"\$\{\d+[:|]([^|,}]*)[^}]*\}", r"\1", json.dumps(snippet.body))
        node, found = read_yaml(Source("f", to_yaml(_numbers(json.loads(written)))))
        assert node is not None
        reading = Reading()
        reading.read(reader.item if place.endswith("[]") else reader, node, ())
        assert [*found, *reading.found] == []


def _numbers(value: Any) -> Any:
    """What an editor writes without quotes reads as the number that it is."""
    match value:
        case dict():
            return {k: _numbers(v) for k, v in value.items()}
        case list():
            return [_numbers(v) for v in value]
        case _:
            return int(value) if value.isdecimal() else value


@pytest.mark.parametrize("text", [SMALL, EVERYTHING], ids=["small", "everything"])
def test_good_specs_fit_in_short_and_in_long_form(text: str) -> None:
    assert faults(text) == []
    assert faults(render(loaded(text))) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.parent.name)
def test_examples_fit(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SHAPES, ids=lambda p: p.stem)
def test_a_wrong_shape_does_not_fit(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) != []
