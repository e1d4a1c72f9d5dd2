"""`ofc git`, and what a real git does with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "compiler" / "cli" / "starter.yaml").read_text()
OLD = STARTER.replace("v1alpha2", "v1alpha1").replace("to: server", "to: server\n    log: true")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, without colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "OFC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(text: str, name: str = "omniforce.yaml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(*words: str, expected: int = 0) -> str:
    done = subprocess.run(
        ["git", *words],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{Path('bin').absolute()}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        },
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def repository(call: Any) -> Path:
    """One commit with a spec, and git told to use the `ofc` of this interpreter."""
    tool = write(
        f'#!/bin/sh\nexec {sys.executable} -m omniforce.compiler.cli.main "$@"\n', "bin/ofc"
    )
    tool.chmod(0o755)
    git("init", "--quiet", "--initial-branch", "main")
    git("config", "user.name", "A")
    git("config", "user.email", "a@example.org")
    path = write(STARTER)
    git("add", "omniforce.yaml")
    git("commit", "--quiet", "--message", "first")
    return path


def branches(path: Path, ours: str, theirs: str) -> None:
    """`theirs` on a branch of that name, `ours` on main."""
    text = path.read_text()
    git("checkout", "--quiet", "-b", "theirs")
    path.write_text(theirs)
    git("commit", "--quiet", "--all", "--message", "theirs")
    git("checkout", "--quiet", "main")
    assert path.read_text() == text
    path.write_text(ours)
    git("commit", "--quiet", "--all", "--message", "ours")


OURS = STARTER.replace("{trials: $(params.trials)}", "{trials: $(params.trials), wallClock: 2h}")
THEIRS = STARTER.replace("{trials: $(params.trials)}", "{trials: $(params.trials), usd: 10}")


@needs_git
def test_git_alone_conflicts_where_ofc_does_not(repository: Path, call: Any) -> None:
    branches(repository, OURS, THEIRS)
    git("merge", "theirs", expected=1)
    git("merge", "--abort")
    assert call("git", "install")[0] == 0
    git("merge", "theirs", "--message", "both")
    assert repository.read_text() == STARTER.replace(
        "{trials: $(params.trials)}", "{trials: $(params.trials), wallClock: 2h, usd: 10}"
    )


@needs_git
def test_a_true_conflict_is_left_to_the_writer(repository: Path, call: Any) -> None:
    branches(
        repository,
        STARTER.replace("parallelism: 2", "parallelism: 3"),
        STARTER.replace("parallelism: 2", "parallelism: 4"),
    )
    assert call("git", "install")[0] == 0
    git("merge", "theirs", expected=1)
    assert git("ls-files", "--unmerged") != ""
    assert repository.read_text() == STARTER.replace(
        "    parallelism: 2\n",
        "<<<<<<< ours\n    parallelism: 3\n=======\n    parallelism: 4\n>>>>>>> theirs\n",
    )


@needs_git
def test_a_side_that_is_no_yaml_is_merged_by_its_lines(repository: Path, call: Any) -> None:
    branches(
        repository,
        STARTER.replace("parallelism: 2", "parallelism: [2"),
        STARTER.replace("epochs: 10", "epochs: 20"),
    )
    assert call("git", "install")[0] == 0
    git("merge", "theirs", "--message", "both")
    text = repository.read_text()
    assert "parallelism: [2" in text
    assert "epochs: 20" in text


@needs_git
def test_a_branch_of_the_version_before_is_brought_along(repository: Path, call: Any) -> None:
    git("checkout", "--quiet", "-b", "old")
    repository.write_text(OLD)
    git("commit", "--quiet", "--all", "--message", "old")
    git("branch", "--quiet", "--move", "--force", "old", "main")
    new = STARTER.replace("to: server", "to: server\n    logger: all")
    branches(repository, OLD.replace("parallelism: 2", "parallelism: 4"), new)
    assert call("git", "install")[0] == 0
    git("merge", "theirs", "--message", "both")
    assert repository.read_text() == new.replace("parallelism: 2", "parallelism: 4")


@needs_git
def test_what_only_both_sides_together_break_is_told(call: Any) -> None:
    base = write(STARTER, "base.yaml")
    ours = write(STARTER.replace("train: 0.6, valid: 0.2", "train: 0.5, valid: 0.3"), "ours.yaml")
    theirs = STARTER.replace("valid: 0.2, test: 0.2", "valid: 0.3, test: 0.1")
    code, _, err = call("git", "merge-driver", str(base), str(ours), str(write(theirs, "t.yaml")))
    assert code == 0
    assert err == (
        "ours.yaml: line 19: both sides together are refused, "
        "the shares of the split come to 0.9, they must come to 1\n"
    )


@needs_git
def test_a_diff_shows_what_a_default_becomes(repository: Path, call: Any) -> None:
    assert call("git", "install")[0] == 0
    repository.write_text(STARTER.replace("strategy: auto", "strategy: random"))
    shown = git("diff")
    assert "-      name: auto\n+      name: random\n" in shown


@needs_git
def test_install_adds_what_is_lacking_and_says_so(repository: Path, call: Any) -> None:
    write("*.onnx filter=lfs", ".gitattributes")
    code, _, err = call("git", "install", "--dry-run")
    assert code == 0
    assert ".gitattributes: would add `omniforce.yaml diff=ofc merge=ofc`\n" in err
    assert Path(".gitattributes").read_text() == "*.onnx filter=lfs"
    assert call("git", "install")[0] == 0
    once = Path(".gitattributes").read_text()
    assert once.startswith("*.onnx filter=lfs\n# specs of OmniForce\nomniforce.yaml diff=ofc")
    assert "nothing to do" in call("git", "install")[2]
    assert Path(".gitattributes").read_text() == once
    assert git("config", "merge.ofc.driver") == "ofc git merge-driver %O %A %B %P\n"


@needs_git
def test_install_outside_of_a_repository_is_told(call: Any) -> None:
    code, _, err = call("git", "install")
    assert code == 1
    assert "error[OFC704]" in err


def test_textconv_of_a_spec_with_errors_is_its_house_form(call: Any) -> None:
    write("a:   1\n")
    assert call("git", "textconv", "omniforce.yaml") == (0, "a: 1\n", "")
    write("a: [1\n")
    assert call("git", "textconv", "omniforce.yaml") == (0, "a: [1\n", "")
