"""Templates from git repositories, served by git's own `http-backend`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.compiler.templates.fetched import Fetched
from omniforce.compiler.templates.git import fetch_git
from omniforce.spec.problem import Problem
from omniforce.spec.templates.reference import Git, parse_reference
from tests.support.git_server import GitServer, backend, git_server

pytestmark = pytest.mark.skipif(backend() is None, reason="needs git with its http-backend")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with git_server(tmp_path_factory.mktemp("git")) as made:
        yield made


def fetched(server: GitServer, rest: str) -> Fetched:
    reference = parse_reference(f"git::{server.address}/{rest}")
    assert isinstance(reference, Git), reference
    return fetch_git(reference)


FILES = {"edge/template.yaml": "kind: Template\n", "edge/data/a.csv": "a\n1\n", "README": "hi\n"}


def test_a_tag_gives_the_files_of_its_folder(server: GitServer) -> None:
    commit = server.repository("tag").commit(FILES, "v1.2.0")
    found = fetched(server, "tag//edge?ref=v1.2.0")
    assert found == Fetched(
        {"data/a.csv": b"a\n1\n", "template.yaml": b"kind: Template\n"}, "template.yaml", commit
    )


def test_an_annotated_tag_gives_the_commit_that_it_names(server: GitServer) -> None:
    repository = server.repository("annotated")
    commit = repository.commit(FILES)
    repository.git("tag", "-a", "-m", "first", "v1")
    assert fetched(server, "annotated//edge?ref=v1").revision == commit


def test_a_commit_gives_its_files_also_when_nothing_names_it_any_more(server: GitServer) -> None:
    repository = server.repository("commit")
    first = repository.commit({"template.yaml": "one\n"})
    repository.commit({"template.yaml": "two\n"})
    assert fetched(server, f"commit?ref={first}").files["template.yaml"] == b"one\n"


def test_a_file_brings_its_folder(server: GitServer) -> None:
    server.repository("file").commit({"t/edge.yaml": "a\n", "t/base.yaml": "b\n"}, "v1")
    found = fetched(server, "file//t/edge.yaml?ref=v1")
    assert (found.file, sorted(found.files)) == ("edge.yaml", ["base.yaml", "edge.yaml"])


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("wrong//edge?ref=v9", "it has no tag `v9`"),
        ("wrong//edge?ref=main", "it has no tag `main`"),
        ("wrong//nowhere?ref=v1", "it has no folder `nowhere`"),
        ("wrong//data?ref=v1", "there is no `template.yaml` in it"),
        (f"wrong//edge?ref={'0' * 40}", "it has no commit `000000000000`"),
        ("nothing//edge?ref=v1", "not found"),
    ],
)
def test_what_is_not_there_is_named(server: GitServer, rest: str, message: str) -> None:
    if not (server.root / "wrong").exists():
        server.repository("wrong").commit({**FILES, "data/x.csv": "x\n"}, "v1")
    with pytest.raises(Problem, match=message):
        fetched(server, rest)


def test_a_link_in_the_repository_is_refused(server: GitServer) -> None:
    repository = server.repository("link")
    repository.commit({"template.yaml": "x\n"})
    (repository.path / "secret").symlink_to("/etc/passwd")
    repository.commit({}, "v1")
    with pytest.raises(Problem, match="`secret` is a link") as caught:
        fetched(server, "link?ref=v1")
    assert caught.value.diagnostic.code == "OFC365"


def test_a_submodule_is_refused_and_never_fetched(server: GitServer) -> None:
    repository = server.repository("submodule")
    commit = repository.commit({"template.yaml": "x\n"})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},inner")
    repository.git("commit", "--quiet", "-m", "module")
    repository.git("tag", "v1")
    with pytest.raises(Problem, match="`inner` is another repository"):
        fetched(server, "submodule?ref=v1")


def test_no_hook_and_no_filter_of_anybody_runs(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / name).chmod(0o755)
    configuration = tmp_path / "config"
    subprocess.run(
        ["git", "config", "--file", str(configuration), "core.hooksPath", str(hooks)], check=True
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    repository = server.repository("hooks")
    repository.git("config", "core.hooksPath", "/dev/null")
    repository.commit({"template.yaml": "x\n", ".gitattributes": "* filter=evil\n"}, "v1")
    assert fetched(server, "hooks?ref=v1").files["template.yaml"] == b"x\n"
    assert not ran.exists()


def test_the_users_own_credential_helper_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "helper"
    helper.write_text("#!/bin/sh\necho username=reader\necho password=of-the-helper\n")
    helper.chmod(0o755)
    configuration = tmp_path / "config"
    configuration.write_text(f'[credential]\n\thelper = "{helper}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    with git_server(tmp_path / "git") as server:
        server.repository("private").commit({"template.yaml": "x\n"}, "v1")
        server.password = "of-the-helper"
        assert fetched(server, "private?ref=v1").files == {"template.yaml": b"x\n"}


def test_without_credentials_nobody_is_asked_and_nothing_is_told(tmp_path: Path) -> None:
    with git_server(tmp_path / "git") as server:
        server.repository("private").commit({"template.yaml": "x\n"}, "v1")
        server.password = "nobody-knows"
        with pytest.raises(Problem, match="terminal prompts disabled") as caught:
            fetched(server, "private?ref=v1")
        assert "nobody-knows" not in str(caught.value.diagnostic)
