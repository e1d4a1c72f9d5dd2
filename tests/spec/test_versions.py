"""Versions: an older spec means what it meant, and `migrate` writes it in the newest one."""

from __future__ import annotations

import pytest
from jsonschema import Draft7Validator

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.blocks.study import API_VERSION, StudySpec
from omniforce.spec.diagnostic import Severity
from omniforce.spec.json_schema.schema import json_schema
from omniforce.spec.load import load
from omniforce.spec.readers import keys_of
from omniforce.spec.source import Source
from omniforce.spec.versions import LATEST, VERSIONS, migrate, read_document
from omniforce.spec.versions.changes import HISTORY, Change
from omniforce.spec.versions.older_schema import older_schema
from omniforce.spec.yaml.reader import read_yaml

OLD = """\
# yaml-language-server: $schema=https://omniforce.dev/schema/v1alpha1.json
apiVersion: omniforce.dev/v1alpha1 # of last year
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: sklearn://digits, target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace: {learning_rate: 1e-4...1e-1 log}
  objectives: [maximize accuracy, minimize latency.p95 on server]
  search: {budget: {trials: 8}}
  devices: {server: {runtime: onnx}}
  deployment:
    to: server
    log: true   # every request
  platform:
    kubernetes:
      # ours
      runtime: kserve-tritonserver
      models: {access: ReadWriteMany, claim: "shared"}
"""

NEW = """\
# yaml-language-server: $schema=https://omniforce.dev/schema/v1alpha2.json
apiVersion: omniforce.dev/v1alpha2 # of last year
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: sklearn://digits, target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace: {learning_rate: 1e-4...1e-1 log}
  objectives: [maximize accuracy, minimize latency.p95 on server]
  search: {budget: {trials: 8}}
  devices: {server: {runtime: onnx}}
  deployment:
    to: server
    logger: all   # every request
  platform:
    kubernetes:
      # ours
      servingRuntime: kserve-tritonserver
      models: {accessMode: ReadWriteMany, claimName: "shared"}
"""


def of(text: str) -> Source:
    return Source("spec.yaml", text)


def migrated(text: str) -> str:
    made = migrate(of(text))
    assert made is not None
    return made.applied(text)


def test_the_newest_version_is_that_of_a_study() -> None:
    assert VERSIONS[-1] == LATEST == API_VERSION
    assert [step.since for step in HISTORY] == list(VERSIONS[1:])


def test_the_text_is_migrated_and_nothing_else_of_it_changes() -> None:
    assert migrated(OLD) == NEW
    assert migrated(NEW) == NEW


def test_an_older_spec_is_the_same_study_as_its_migration() -> None:
    before, after = load(of(OLD)), load(of(NEW))
    assert before.study == after.study
    assert before.study is not None
    assert before.study.api_version == LATEST
    assert after.diagnostics == ()


def test_each_old_key_warns_with_a_date_and_all_edits_of_the_migration() -> None:
    found = load(of(OLD)).diagnostics
    assert [(d.code, d.severity, d.span.line if d.span else 0) for d in found] == [
        ("OFC111", Severity.WARNING, 14),
        ("OFC111", Severity.WARNING, 18),
        ("OFC111", Severity.WARNING, 19),
        ("OFC111", Severity.WARNING, 19),
    ]
    made = migrate(of(OLD))
    assert made is not None
    for each in found:
        assert each.label == "read until 2027-06-01"
        assert "`ofc migrate`" in each.help
        assert each.edits == made.edits


def test_an_older_spec_without_old_keys_says_nothing() -> None:
    lines = [n for n in OLD.split("\n") if "log: true" not in n]
    text = "\n".join(lines).partition("  platform:")[0]
    assert load(of(text)).diagnostics == ()


def test_an_old_key_in_a_new_spec_is_an_error_with_its_edit() -> None:
    text = NEW.replace("logger: all", "log: false")
    (found,) = load(of(text)).diagnostics
    assert (found.code, found.message) == (
        "OFC112",
        "`log` is called `logger` since omniforce.dev/v1alpha2",
    )
    assert found.help == "write `logger: none`"
    assert [e.text for e in found.edits] == ["logger", "none"]


def test_both_names_of_a_key_are_an_error_and_no_edit() -> None:
    text = OLD.replace("log: true", "log: true\n    logger: all")
    found = [d for d in load(of(text)).diagnostics if d.is_error]
    assert [(d.code, d.edits) for d in found] == [("OFC112", ())]
    made = migrate(of(text))
    assert made is not None
    assert [key.twice for key in made.by_hand] == [True]


def test_an_unknown_version_lists_those_there_are() -> None:
    (found,) = load(of(NEW.replace("v1alpha2 #", "v2 #"))).diagnostics
    assert (found.code, found.help) == (
        "OFC110",
        "write `omniforce.dev/v1alpha1` or `omniforce.dev/v1alpha2`",
    )


def test_a_value_that_is_an_alias_is_written_out() -> None:
    text = OLD.replace("stratify", "x").replace(
        "metadata: {name: digits}", "metadata: {name: digits}\nx-log: &all true"
    )
    text = text.replace("log: true   #", "log: *all   #")
    made = migrated(text)
    assert "logger: all   # every request" in made
    assert "x-log: &all true" in made


def test_a_value_from_a_parameter_is_read_and_left_to_a_person() -> None:
    text = OLD.replace("spec:\n", "spec:\n  params: {log: {type: bool, default: true}}\n", 1)
    text = text.replace("log: true   #", "log: $(params.log)   #")
    study = load(of(text)).study
    assert study is not None
    assert study.spec.deployment is not None
    assert study.spec.deployment.logger == "all"
    made = migrate(of(text))
    assert made is not None
    assert [key.path for key in made.by_hand] == [("deployment", "log")]


@pytest.mark.parametrize("old", ["", "[1", "a: 1", "- a", "apiVersion: [1]"])
def test_what_has_no_version_is_left_as_it_is(old: str) -> None:
    made = migrate(of(old))
    assert made is None or made.edits == ()


def keys_at(path: tuple[str, ...]) -> set[str]:
    """The keys of the block that a path of the table leads to."""
    block: type = StudySpec
    for step in path:
        block = keys_of(block)[step].reader.type  # type: ignore[attr-defined]
    return set(keys_of(block))


@pytest.mark.parametrize(
    "change", [c for step in HISTORY for c in step.changes], ids=lambda c: ".".join(c.path)
)
def test_every_line_of_the_table_is_of_the_language(change: Change) -> None:
    known = keys_at(change.path[:-1])
    assert change.key in known
    assert change.path[-1] not in known


def test_the_older_schema_takes_an_older_spec_and_no_new_one() -> None:
    def faults(version: str, text: str) -> list[str]:
        schema = older_schema(json_schema(), version)
        Draft7Validator.check_schema(schema)
        node, _ = read_yaml(of(text))
        assert node is not None
        return [e.message for e in Draft7Validator(schema).iter_errors(plain(node))]

    old, new = VERSIONS
    assert faults(old, OLD) == []
    assert faults(new, NEW) == []
    assert faults(old, NEW) != []
    assert faults(new, OLD) != []
    assert older_schema(json_schema(), old)["$id"] == "https://omniforce.dev/schema/v1alpha1.json"


def test_the_body_of_a_template_is_brought_along_as_well() -> None:
    template = (
        "apiVersion: omniforce.dev/v1alpha1\nkind: Template\nmetadata: {name: edge}\n"
        "spec:\n  body:\n    deployment: {to: server, log: true}\n"
    )
    document, found = read_document(of(template))
    assert document is not None
    assert [d.code for d in found] == ["OFC111"]
    assert plain(document) == {
        "apiVersion": LATEST,
        "kind": "Template",
        "metadata": {"name": "edge"},
        "spec": {"body": {"deployment": {"to": "server", "logger": "all"}}},
    }
    assert migrated(template) == template.replace("v1alpha1", "v1alpha2").replace(
        "log: true", "logger: all"
    )


def test_an_overlay_without_a_version_gets_the_new_names() -> None:
    overlay = "spec:\n  deployment: {log: false} # quiet\n"
    assert migrated(overlay) == "spec:\n  deployment: {logger: none} # quiet\n"


def test_the_schema_of_an_overlay_is_brought_along() -> None:
    line = "# yaml-language-server: $schema=https://omniforce.dev/schema/v1alpha1-overlay.json\n"
    assert migrated(f"{line}apiVersion: omniforce.dev/v1alpha1\n") == (
        f"{line}apiVersion: omniforce.dev/v1alpha1\n".replace("v1alpha1", "v1alpha2")
    )
