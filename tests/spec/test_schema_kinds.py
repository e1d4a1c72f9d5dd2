"""The JSON Schemas of overlays and of templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.json_schema.kinds import SchemaKind, schema_of
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from tests.support.specs import EVERYTHING, SMALL
from tests.support.templates import TEMPLATE, spec_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def fits(kind: SchemaKind, text: str) -> bool:
    node, found = read_yaml(Source("f", text))
    assert found == ()
    assert node is not None
    schema: Any = schema_of(kind)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema).is_valid(plain(node))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("overlay", "spec: {search: {parallelism: 4}}"),
        ("overlay", "spec: {deployment: {$patch: delete}}"),
        ("overlay", "spec: {objectives: [{$patch: append}, minimize size on server]}"),
        ("overlay", SMALL),
        ("overlay", EVERYTHING),
        ("overlay", spec_of("[./small.yaml]")),
        ("spec", spec_of("[{template: ./small.yaml, with: {width: 64}}]")),
        ("template", TEMPLATE),
    ],
)
def test_what_is_good_fits(kind: SchemaKind, text: str) -> None:
    assert fits(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("overlay", "spec: {search: {paralellism: 4}}"),
        ("overlay", "spec: {deployment: {$patch: remove}}"),
        ("spec", "spec: {search: {parallelism: 4}}"),
        ("template", TEMPLATE.replace("parallelism", "paralellism")),
        ("template", TEMPLATE.replace("name: small", "nme: small")),
        ("template", SMALL),
    ],
)
def test_a_wrong_shape_does_not_fit(kind: SchemaKind, text: str) -> None:
    assert not fits(kind, text)
