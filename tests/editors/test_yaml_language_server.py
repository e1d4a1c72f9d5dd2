"""The published schema in the language server that YAML editors use, the real one from npm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from omniforce.spec.json_schema.kinds import SchemaKind, schema_of
from omniforce.spec.json_schema.schema import json_schema
from tests.support.language_client import LanguageClient

pytestmark = pytest.mark.editors

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*omniforce.yaml"))
SHAPES = sorted((ROOT / "tests" / "errors").glob("OFC10[15]_*.yaml"))
HEAD = "apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {name: a}\nspec:\n"

numbers = count()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    path.write_text(json.dumps(json_schema()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(node_modules: Path, schema: Path) -> Iterator[LanguageClient]:
    program = node_modules / "yaml-language-server" / "bin" / "yaml-language-server"
    settings = {
        "schemas": {schema.as_uri(): ["omniforce.yaml", "*.omniforce.yaml"]},
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
    }
    answers = {"workspace/configuration": [settings, {}, {}, {}, {}]}
    with LanguageClient(["node", str(program), "--stdio"], answers=answers) as client:
        markdown = {"documentationFormat": ["markdown"], "snippetSupport": True}
        client.begin(
            workspace={"configuration": True},
            textDocument={
                "hover": {"contentFormat": ["markdown"]},
                "completion": {"completionItem": markdown},
            },
        )
        client.tell("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})
        yield client
        assert client.end() == 0


def opened(server: LanguageClient, text: str) -> tuple[str, list[str]]:
    """A new buffer with a text, and what the server says against it."""
    uri = f"file:///project/{next(numbers)}.omniforce.yaml"
    server.open(uri, text)
    return uri, [d["message"] for d in server.diagnostics(uri)]


def asked(server: LanguageClient, method: str, text: str) -> Any:
    """The answer to a request where `¦` stands."""
    before = text[: text.index("¦")]
    uri, _ = opened(server, text.replace("¦", ""))
    place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
    return server.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": place})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.parent.name)
def test_examples_have_no_errors(path: Path, server: LanguageClient) -> None:
    text = re.sub(r"^# yaml-language-server:.*\n", "", path.read_text(encoding="utf-8"))
    assert opened(server, text)[1] == []


@pytest.mark.parametrize(
    ("name", "kind"), [("digits.yaml", "overlay"), ("edge-classifier/template.yaml", "template")]
)
def test_a_first_line_names_the_schema_of_each_kind(
    name: str, kind: SchemaKind, server: LanguageClient, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(schema_of(kind)), encoding="utf-8")
    text = (ROOT / "examples" / "templates" / name).read_text(encoding="utf-8")
    mark = f"$schema={schema_of(kind)['$id']}\n"
    assert mark in text
    local = text.replace(mark, f"$schema={schema.as_uri()}\n")
    assert opened(server, local)[1] == []
    assert opened(server, local.replace("spec:", "spek:"))[1] != []


@pytest.mark.parametrize("path", EXAMPLES[:1], ids=lambda p: p.parent.name)
def test_the_first_line_of_an_example_names_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first == f"# yaml-language-server: $schema={json_schema()['$id']}"


@pytest.mark.parametrize("path", SHAPES, ids=lambda p: p.stem)
def test_a_wrong_shape_is_shown(path: Path, server: LanguageClient) -> None:
    assert opened(server, path.read_text(encoding="utf-8"))[1] != []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("¦", ["study", "apiVersion", "kind", "metadata", "spec"]),
        (HEAD + "  ¦", ["data", "algorithm", "searchSpace", "objectives", "search", "devices"]),
        (HEAD + "  search:\n    ¦", ["budget", "strategy", "parallelism", "seed", "trial"]),
        (HEAD + "  devices:\n    server:\n      runtime: ¦", ["onnx", "openvino", "tensorrt"]),
        (HEAD + "  data:\n    split:\n      stratify: ¦", ["true", "false"]),
        (HEAD + "  objectives:\n    - ¦", ["maximize", "minimize", "require"]),
        (HEAD + "  data:\n    features:\n      - ¦", ["sql", "impute", "scale", "encode"]),
        (HEAD + "  searchSpace:\n    x:\n      type: ¦", ["int", "float", "choice", "bool"]),
        (HEAD + "  searchSpace:\n    x:\n      type: int\n      ¦", ["range", "default", "when"]),
    ],
)
def test_keys_and_values_are_offered(text: str, offered: list[str], server: LanguageClient) -> None:
    labels = {item["label"] for item in asked(server, "completion", text)["items"]}
    assert set(offered) <= labels


def test_a_block_comes_with_what_it_needs(server: LanguageClient) -> None:
    items = asked(server, "completion", HEAD + "  ¦")["items"]
    (data,) = (i for i in items if i["label"] == "data")
    assert data["insertText"] == "data:\n  source: ${1:sklearn://digits}\n  target: ${2:label}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "  search: {paral¦lelism: 2}", "Trials at once.\n\nTakes a whole number"),
        (HEAD + "  sear¦ch: {parallelism: 2}", "How it is searched."),
        (HEAD + "  search: {trial: {time¦out: 2m}}", "Default: `10m`"),
        (HEAD + "  devices: {a: {pre¦cision: fp16}}", "`fp32` or `fp16` or `int8`"),
    ],
)
def test_hover_explains_a_key(text: str, said: str, server: LanguageClient) -> None:
    shown = asked(server, "hover", text)["contents"]["value"]
    assert said in shown
