"""Templates by their names in a hub, which is an index in a folder or at an address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omniforce.compiler.templates.fetched import Fetched
from omniforce.compiler.templates.hub import fetch_hub
from omniforce.spec.problem import Problem
from omniforce.spec.templates.reference import Hub, parse_reference
from tests.support.registry import Registry, archive, binary, digest, registry

LAYER = archive({"template.yaml": "kind: Template\n"})


def index(tmp_path: Path, **versions: object) -> str:
    """A hub with one template, `edge`, whose versions are `v1_2_0=...`."""
    folder = tmp_path / "hub" / "edge"
    folder.mkdir(parents=True)
    (folder / "edge.tar.gz").write_bytes(LAYER)
    named = {name.removeprefix("v").replace("_", "."): entry for name, entry in versions.items()}
    whole = {"formatVersion": "1.0", "name": "edge", "versions": named}
    (folder / "index.json").write_text(json.dumps(whole))
    return str(tmp_path / "hub")


def fetched(base: str, text: str) -> Fetched:
    reference = parse_reference(text)
    assert isinstance(reference, Hub), reference
    return fetch_hub(reference, base)


GOOD = {"source": "edge.tar.gz", "digest": digest(LAYER)}


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("1", "1.10.0"), ("1.2", "1.2.4"), ("1.2.3", "1.2.3"), ("2.0.0-rc.1", "2.0.0-rc.1")],
)
def test_the_newest_that_fits_is_taken(tmp_path: Path, wanted: str, version: str) -> None:
    base = index(
        tmp_path,
        v1_2_3=GOOD,
        v1_2_4=GOOD,
        v1_2_5={**GOOD, "yanked": True},
        v1_10_0=GOOD,
        **{"v1_11_0-rc": GOOD, "2.0.0-rc.1": GOOD},
    )
    assert fetched(base, f"edge@{wanted}") == Fetched(
        {"template.yaml": b"kind: Template\n"}, "template.yaml", version
    )


def test_a_version_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    base = index(tmp_path, v1_2_0=GOOD, v1_3_0=GOOD)
    with pytest.raises(Problem, match="no version `7` of `edge`") as caught:
        fetched(base, "edge@7")
    assert caught.value.diagnostic.code == "OFC366"
    assert caught.value.diagnostic.help == "it has 1.2.0, 1.3.0"


def test_without_a_hub_the_message_says_how_to_name_one() -> None:
    with pytest.raises(Problem, match="no hub is known"):
        fetched("", "edge@1")


@pytest.mark.parametrize(
    "entry",
    [
        {**GOOD, "digest": f"sha256:{'0' * 64}"},
        {**GOOD, "digest": "md5:1"},
        {**GOOD, "source": "../../etc/passwd"},
        {**GOOD, "source": "git::file:///etc//x?ref=v1"},
        {**GOOD, "source": "./local"},
        {"digest": digest(LAYER)},
        None,
    ],
)
def test_an_index_that_lies_is_refused(tmp_path: Path, entry: object) -> None:
    base = index(tmp_path, v1_0_0=entry)
    with pytest.raises(Problem):
        fetched(base, "edge@1")


@pytest.mark.skipif(binary() is None, reason="needs Debian's docker-registry")
def test_a_hub_points_into_a_registry(tmp_path: Path) -> None:
    with registry(tmp_path / "registry") as server:
        base, manifest = pushed(tmp_path, server)
        assert fetched(base, "edge@1").revision == "1.0.0"
        server.push("t/edge", "1.0.0", archive({"template.yaml": "another\n"}))
        assert fetched(base, "edge@1").files == {"template.yaml": b"kind: Template\n"}
        assert manifest.startswith("sha256:")


def pushed(tmp_path: Path, server: Registry) -> tuple[str, str]:
    manifest = server.push("t/edge", "1.0.0", LAYER)
    source = f"oci://{server.host}/t/edge:1.0.0"
    return index(tmp_path, v1_0_0={"source": source, "digest": manifest}), manifest
