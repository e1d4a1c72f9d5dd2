"""What is said of an output, held against the formats' own validators."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.attestations.contents import Contents, Part, contents_of, image_part
from omniforce.compiler.attestations.coverage import package_url
from omniforce.compiler.attestations.cyclonedx import cyclonedx
from omniforce.compiler.attestations.provenance import provenance
from omniforce.compiler.attestations.spdx import spdx
from omniforce.spec.layers.composed import Used
from tests.support import programs

PINNED = f"registry.example.org/team/cnn:1.2@sha256:{'cd' * 32}"
FILES = {
    "30-service.yaml": f"spec:\n  image: {PINNED}\n",
    "31-jobsink.yaml": "containers:\n- image: localhost:5000/omniforce/full:0.1.0\n",
    "kustomization.yaml": "resources: []\n",
}


def contents(epoch: int | None = None, **changes: Any) -> Contents:
    given: dict[str, Any] = {
        "target": "kubernetes",
        "layout": "",
        "sources": (("specs/omniforce.yaml", "kind: OmniForce\n"),),
        "params": (("trials", "12"),),
        "settings": (),
        "templates": (),
        "files": FILES,
        "epoch": epoch,
    }
    return contents_of(programs.program(), **{**given, **changes})


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_statement_names_each_file_and_what_it_was_made_from() -> None:
    text = provenance(contents(), FILES)
    assert text.count("\n") == 1
    statement = json.loads(text)
    predicate = statement.pop("predicate")
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path, "digest": {"sha256": sha256(text)}} for path, text in FILES.items()
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
    }
    definition = predicate["buildDefinition"]
    assert definition["buildType"] == "https://omniforce.dev/provenance/compile/v1"
    assert definition["externalParameters"] == {
        "spec": "specs/omniforce.yaml",
        "target": "kubernetes",
        "params": {"trials": "12"},
    }
    spec, algorithm, local, pinned = definition["resolvedDependencies"]
    assert spec == {
        "name": "spec",
        "uri": "specs/omniforce.yaml",
        "digest": {"sha256": sha256("kind: OmniForce\n")},
    }
    assert (algorithm["name"], algorithm["uri"]) == ("algorithm", "vision/classifier@1")
    assert local == {"name": "image", "uri": "localhost:5000/omniforce/full:0.1.0"}
    assert pinned == {
        "name": "image",
        "uri": "registry.example.org/team/cnn:1.2",
        "digest": {"sha256": "cd" * 32},
    }
    assert predicate["runDetails"]["builder"]["id"] == "https://omniforce.dev/ofc"


@pytest.mark.parametrize("epoch", [None, 1_700_000_000])
def test_in_totos_own_bindings_take_the_statement(epoch: int | None) -> None:
    pytest.importorskip("in_toto_attestation")
    from google.protobuf.json_format import Parse
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    read = Parse(provenance(contents(epoch), FILES), statement_pb2.Statement())
    Statement.copy_from_pb(read).validate()


def test_it_holds_no_time_unless_one_is_given() -> None:
    assert "metadata" not in json.loads(provenance(contents(), FILES))["predicate"]["runDetails"]
    timed = json.loads(provenance(contents(1_700_000_000), FILES))
    started = timed["predicate"]["runDetails"]["metadata"]
    assert started == {"startedOn": "2023-11-14T22:13:20Z"}


def test_a_template_is_a_dependency_with_its_digest() -> None:
    used = Used("git::https://example.org/t.git?ref=v1", f"sha256:{'ef' * 32}")
    made = contents(templates=(used, used))
    assert made.of("template") == (Part("template", used.name, sha256="ef" * 32),)


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ("localhost:5000/a/b:1", Part("image", "localhost:5000/a/b", "1")),
        ("localhost:5000/a/b", Part("image", "localhost:5000/a/b")),
        (PINNED, Part("image", "registry.example.org/team/cnn", "1.2", "cd" * 32)),
        (f"a/b@sha256:{'12' * 32}", Part("image", "a/b", "", "12" * 32)),
    ],
)
def test_an_image_is_read_as_registries_do(image: str, part: Part) -> None:
    assert image_part(image) == part


def test_package_urls_are_those_of_oci() -> None:
    assert package_url(image_part(PINNED)) == (
        f"pkg:oci/cnn@sha256%3A{'cd' * 32}?repository_url=registry.example.org/team/cnn&tag=1.2"
    )
    assert package_url(Part("algorithm", "vision/classifier", "1")) is None


@pytest.mark.parametrize("epoch", [None, 1_700_000_000])
def test_spdx_own_tools_find_nothing_wrong(epoch: int | None, tmp_path: Path) -> None:
    pytest.importorskip("spdx_tools")
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    path = tmp_path / "sbom.spdx.json"
    path.write_text(spdx(contents(epoch)), encoding="utf-8")
    document = parse_file(str(path))
    assert [m.validation_message for m in validate_full_spdx_document(document)] == []
    assert [p.name for p in document.packages] == [
        "digits-edge",
        "specs/omniforce.yaml",
        "vision/classifier",
        "localhost:5000/omniforce/full",
        "registry.example.org/team/cnn",
    ]


@pytest.mark.parametrize("epoch", [None, 1_700_000_000])
def test_cyclonedx_own_schema_finds_nothing_wrong(epoch: int | None) -> None:
    pytest.importorskip("cyclonedx")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = cyclonedx(contents(epoch))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert [c["name"] for c in json.loads(text)["components"]] == [
        "specs/omniforce.yaml",
        "vision/classifier",
        "localhost:5000/omniforce/full",
        "registry.example.org/team/cnn",
    ]


@pytest.mark.parametrize("write", [spdx, cyclonedx, lambda c: provenance(c, FILES)])
def test_the_same_output_is_attested_in_the_same_bytes(write: Any) -> None:
    assert write(contents()) == write(contents())
    assert write(contents()) != write(contents(target="katib"))


def test_both_bills_say_what_they_do_not_cover() -> None:
    for write in (spdx, cyclonedx):
        assert "does not cover what is inside the images" in write(contents())
