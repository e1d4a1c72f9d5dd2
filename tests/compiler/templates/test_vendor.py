"""`ofc vendor`: fetched once, copied beside the spec, pinned, and never asked for again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.compiler.cli.main import run
from tests.support.git_server import GitServer, backend, git_server
from tests.support.registry import archive, binary, registry
from tests.support.templates import TEMPLATE, spec_of, write

needs_git = pytest.mark.skipif(backend() is None, reason="needs git with its http-backend")
needs_registry = pytest.mark.skipif(binary() is None, reason="needs Debian's docker-registry")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with git_server(tmp_path / "git") as made:
        yield made


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def use(server: GitServer, rest: str = "templates//small?ref=v1.0.0") -> str:
    return f"git::{server.address}/{rest}"


def published(server: GitServer, text: str = TEMPLATE) -> None:
    """A repository of templates with a first version, and a spec that uses it."""
    server.repository("templates").commit({"small/template.yaml": text}, "v1.0.0")
    write(Path(), {"omniforce.yaml": spec_of(f'["{use(server)}"]')})


@needs_git
def test_from_nothing_to_manifests(
    server: GitServer, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["check"]) == 3
    assert "error[OFC361]" in capsys.readouterr().err
    assert run(["vendor"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"fetched    {use(server)}  (vendor/small-v1.0.0-")
    lock = json.loads((work / "ofc.lock").read_text())
    (pin,) = lock["vendor"].values()
    assert (work / pin["path"] / "template.yaml").read_text() == TEMPLATE
    server.address = ""
    assert run(["check"]) == 0
    assert run(["vendor", "--check"]) == 0
    assert run(["compile", "-o", "dist"]) == 0
    made = json.loads((work / "dist" / "ofc.lock").read_text())
    assert list(made["templates"].values()) == [pin["digest"]]


@needs_git
def test_the_second_time_changes_nothing(
    server: GitServer, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["vendor"]) == 0
    before = (work / "ofc.lock").read_text()
    capsys.readouterr()
    assert run(["vendor", "-o", "json"]) == 0
    assert [t["state"] for t in json.loads(capsys.readouterr().out)["templates"]] == ["unchanged"]
    assert (work / "ofc.lock").read_text() == before


@needs_git
def test_a_tag_that_moved_is_taken_over_only_when_told(
    server: GitServer, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["vendor"]) == 0
    before = (work / "ofc.lock").read_text()
    moved = TEMPLATE.replace("parallelism: 2", "parallelism: 64")
    from tests.support.git_server import Repository

    Repository(server.root / "templates").commit({"small/template.yaml": moved}, "v1.0.0")
    capsys.readouterr()
    assert run(["vendor"]) == 1
    assert "error[OFC363]" in capsys.readouterr().err
    assert (work / "ofc.lock").read_text() == before
    assert run(["check"]) == 0
    assert run(["vendor", "--update"]) == 0
    assert capsys.readouterr().out.startswith("updated")
    (copy,) = (work / "vendor").iterdir()
    assert (copy / "template.yaml").read_text() == moved


@needs_git
def test_a_copy_that_was_edited_is_refused_until_it_is_fetched_anew(
    server: GitServer, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["vendor"]) == 0
    (copy,) = (work / "vendor").iterdir()
    (copy / "template.yaml").write_text(TEMPLATE.replace("parallelism: 2", "parallelism: 64"))
    assert run(["check"]) == 3
    assert run(["vendor", "--check"]) == 3
    assert "error[OFC362]" in capsys.readouterr().err
    assert run(["vendor"]) == 0
    assert run(["vendor", "--check"]) == 0


@needs_git
@pytest.mark.parametrize("hostile", ["file", "link", "gone"])
def test_anything_else_in_a_copy_is_found(
    server: GitServer, work: Path, hostile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["vendor"]) == 0
    (copy,) = (work / "vendor").iterdir()
    if hostile == "file":
        (copy / "another.yaml").write_text("x")
    elif hostile == "link":
        (copy / "link").symlink_to("/etc/passwd")
    else:
        (copy / "template.yaml").unlink()
    assert run(["check"]) == 3
    assert "error[OFC362]" in capsys.readouterr().err


@needs_git
def test_what_a_template_uses_is_vendored_with_it(server: GitServer, work: Path) -> None:
    inner = server.repository("inner")
    inner.commit({"template.yaml": TEMPLATE}, "v1")
    outer = TEMPLATE[: TEMPLATE.index("spec:")] + (
        f'spec:\n  use: ["git::{server.address}/inner?ref=v1"]\n  body: {{search: {{seed: 7}}}}\n'
    )
    server.repository("outer").commit({"template.yaml": outer}, "v1")
    write(work, {"omniforce.yaml": spec_of(f'["git::{server.address}/outer?ref=v1"]')})
    assert run(["vendor"]) == 0
    assert len(json.loads((work / "ofc.lock").read_text())["vendor"]) == 2
    assert run(["check"]) == 0


@needs_git
@pytest.mark.parametrize(
    "inner", ["git::file:///etc//x?ref=v1", "git::http://localhost:1/x?ref=v1"]
)
def test_a_template_from_elsewhere_names_nothing_of_this_machine(
    server: GitServer, work: Path, inner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEMPLATE[: TEMPLATE.index("spec:")] + f'spec:\n  use: ["{inner}"]\n  body: {{}}\n'
    published(server, text)
    assert run(["vendor"]) == 3
    err = capsys.readouterr().err
    assert "error[OFC359]" in err
    assert "used here" in err


@needs_git
def test_what_is_not_used_any_more_goes_when_told(
    server: GitServer, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(server)
    assert run(["vendor"]) == 0
    write(work, {"omniforce.yaml": spec_of("[]"), "vendor/mine/keep.txt": "mine"})
    assert run(["vendor"]) == 0
    assert len(list((work / "vendor").iterdir())) == 2
    capsys.readouterr()
    assert run(["vendor", "--prune"]) == 0
    assert capsys.readouterr().out == f"removed    {use(server)}\n"
    assert [p.name for p in (work / "vendor").iterdir()] == ["mine"]


@needs_git
def test_compiling_beside_the_spec_keeps_the_pins(server: GitServer, work: Path) -> None:
    published(server)
    assert run(["vendor"]) == 0
    pins = json.loads((work / "ofc.lock").read_text())["vendor"]
    assert run(["compile", "-o", "."]) == 0
    assert json.loads((work / "ofc.lock").read_text())["vendor"] == pins
    assert run(["compile", "-o", ".", "--locked"]) == 0
    assert run(["vendor", "--check"]) == 0


@needs_registry
def test_a_template_of_a_registry(tmp_path: Path, work: Path) -> None:
    with registry(tmp_path / "registry") as server:
        server.push("t/small", "1.0.0", archive({"template.yaml": TEMPLATE}))
        write(work, {"omniforce.yaml": spec_of(f'["oci://{server.host}/t/small:1.0.0"]')})
        assert run(["vendor"]) == 0
    assert run(["check"]) == 0


def test_a_template_of_a_hub(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.registry import digest

    layer = archive({"template.yaml": TEMPLATE})
    entry = {"source": "small.tar.gz", "digest": digest(layer)}
    index = {"formatVersion": "1.0", "versions": {"1.2.0": entry}}
    write(work, {"hub/small/index.json": json.dumps(index)})
    (work / "hub/small/small.tar.gz").write_bytes(layer)
    write(work, {"omniforce.yaml": spec_of('["small@1"]')})
    assert run(["vendor"]) == 1
    monkeypatch.setenv("OFC_HUB", str(work / "hub"))
    assert run(["vendor"]) == 0
    assert run(["check"]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD",
        "[]",
        '{"formatVersion": "2.0"}',
        '{"formatVersion": "1.0", "vendor": {"small@1": {"path": "vendor/../../x"}}}',
        '{"formatVersion": "1.0", "vendor": {"small@1": "x"}}',
    ],
)
def test_a_broken_lock_is_named(work: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(work, {"omniforce.yaml": spec_of('["small@1"]'), "ofc.lock": text})
    assert run(["check"]) == 3
    assert "error[OFC367]" in capsys.readouterr().err


def test_credentials_are_in_no_message(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        "git::https://user:hunter2@git.example.org/r//t?ref=v1",
        "oci://user:hunter2@registry.example.org/t:1",
        "git::ssh://git:hunter2@git.example.org/r?ref=v1",
        "git::https://git.example.org/r//t?access_token=hunter2&ref=v1",
    ]
    write(work, {"omniforce.yaml": spec_of(json.dumps(texts))})
    for command in (["check"], ["check", "-o", "json"], ["vendor"], ["render"]):
        assert run(command) == 3
        out, err = capsys.readouterr()
        assert "OFC351" in out + err
        assert "hunter2" not in out + err
    assert run(["check", "--set", f"spec.use[0]={texts[0]}"]) == 3
    assert "hunter2" not in "".join(capsys.readouterr())
