"""`ofc fmt`, `fix`, `migrate` and `git` in this process, on files of a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run
from omniforce.compiler.cli.rewriting import replace_text
from omniforce.spec.problem import Problem
from omniforce.spec.versions import LATEST

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "compiler" / "cli" / "starter.yaml").read_text()
MESSY = STARTER.replace("  data:", "  data:   ").replace("strategy: auto", "strategy:   'auto'")
SLIP = STARTER.replace("maximize accuracy", "maximise accuracy")
OLD = STARTER.replace("v1alpha2", "v1alpha1").replace("to: server", "to: server\n    log: true")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, without colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "OFC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `ofc` and answers its exit code, stdout and stderr."""

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


def write(text: str, name: str = "omniforce.yaml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# fmt


def test_the_starter_and_the_examples_are_in_house_form(call: Any) -> None:
    files = [str(p) for p in sorted((ROOT / "examples").rglob("omniforce.yaml"))]
    write(STARTER)
    assert call("fmt", "--check", "omniforce.yaml", *files)[0] == 0


def test_a_file_is_formatted_in_its_place_and_keeps_its_mode(call: Any) -> None:
    path = write(MESSY)
    path.chmod(0o640)
    assert call("fmt") == (0, "", "omniforce.yaml: formatted\n")
    assert path.read_text() == STARTER
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert call("fmt") == (0, "", "")
    assert os.listdir() == ["omniforce.yaml"]


def test_check_and_diff_write_nothing_and_exit_with_2(call: Any) -> None:
    path = write(MESSY)
    assert call("fmt", "--check") == (2, "", "omniforce.yaml: would be formatted\n")
    code, out, _ = call("fmt", "--diff")
    assert code == 2
    assert "-    strategy:   'auto'\n+    strategy: auto\n" in out
    assert path.read_text() == MESSY


def test_folders_are_searched_for_specs_but_not_hidden_ones(call: Any) -> None:
    write(MESSY, "a/omniforce.yaml")
    write(MESSY, "a/b/edge.omniforce.yaml")
    write(MESSY, "a/values.yaml")
    write(MESSY, "a/.cache/omniforce.yaml")
    code, _, err = call("fmt", "a")
    assert code == 0
    assert err == (
        "a/b/edge.omniforce.yaml: formatted\na/omniforce.yaml: formatted\n"
        "2 files formatted, 0 unchanged\n"
    )
    assert Path("a/.cache/omniforce.yaml").read_text() == MESSY


def test_a_file_that_is_named_twice_is_formatted_once(call: Any) -> None:
    write(MESSY)
    assert call("fmt", "omniforce.yaml", ".", "./omniforce.yaml") == (
        0,
        "",
        "omniforce.yaml: formatted\n",
    )


def test_a_diff_hides_what_looks_like_a_secret(call: Any) -> None:
    write("a:   {url: 'https://reader:hunter2hunter2@example.org/rows.csv'}\nb:  1\n")
    code, out, _ = call("fmt", "--diff")
    assert code == 2
    assert "+b: 1\n" in out
    assert "hunter2" not in out


def test_line_ends_of_another_system_stay_where_nothing_else_is_asked_for(call: Any) -> None:
    path = Path("omniforce.yaml")
    path.write_bytes(OLD.replace("\n", "\r\n").encode())
    assert call("migrate")[0] == 0
    new = STARTER.replace("to: server", "to: server\n    logger: all")
    assert path.read_bytes() == new.replace("\n", "\r\n").encode()
    assert call("fmt")[0] == 0
    assert path.read_bytes() == new.encode()


def test_a_folder_without_a_spec_is_told(call: Any) -> None:
    Path("empty").mkdir()
    code, _, err = call("fmt", "empty")
    assert code == 1
    assert "there is no spec in `empty`" in err


def test_stdin_goes_to_stdout(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(MESSY.encode())))
    assert call("fmt", "-") == (0, STARTER, "")


def test_what_is_no_yaml_is_left_and_the_others_are_formatted(call: Any) -> None:
    bad = write("a: [1\n", "bad.omniforce.yaml")
    good = write(MESSY, "good.omniforce.yaml")
    code, _, err = call("fmt", ".")
    assert code == 3
    assert "error[OFC004]" in err
    assert bad.read_text() == "a: [1\n"
    assert good.read_text() == STARTER


def test_json_says_what_changed(call: Any) -> None:
    write(MESSY)
    code, out, _ = call("fmt", "--check", "-o", "json")
    assert code == 2
    assert json.loads(out)["files"] == [
        {"file": "omniforce.yaml", "changed": True, "diagnostics": []}
    ]


def test_a_link_into_another_folder_is_not_followed(call: Any, tmp_path: Path) -> None:
    target = write(MESSY, "elsewhere/spec.yaml")
    Path("mine").mkdir()
    Path("mine/omniforce.yaml").symlink_to(target.absolute())
    code, _, err = call("fmt", "mine/omniforce.yaml")
    assert code == 1
    assert "is a link to" in err
    assert target.read_text() == MESSY
    assert call("fmt", "mine")[0] == 1


def test_a_link_within_its_folder_stays_a_link(call: Any) -> None:
    target = write(MESSY, "real.yaml")
    Path("omniforce.yaml").symlink_to("real.yaml")
    assert call("fmt")[0] == 0
    assert target.read_text() == STARTER
    assert Path("omniforce.yaml").is_symlink()


def test_a_file_that_changed_meanwhile_is_not_written_over() -> None:
    path = write("a: 2\n")
    with pytest.raises(Problem, match="changed while it was looked at"):
        replace_text(str(path), "a: 1\n", "a: 3\n")
    assert path.read_text() == "a: 2\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(call: Any, tmp_path: Path) -> None:
    path = write(MESSY)
    tmp_path.chmod(0o500)
    code, _, err = call("fmt")
    tmp_path.chmod(0o700)
    assert code == 1
    assert "cannot be written" in err
    assert path.read_text() == MESSY


# fix


def test_fix_says_what_it_did_by_code(call: Any) -> None:
    path = write(SLIP)
    assert call("fix", "--dry-run") == (
        0,
        "",
        "omniforce.yaml: OFC201 1 time: an expression that cannot be read\n",
    )
    assert path.read_text() == SLIP
    assert call("fix")[0] == 0
    assert path.read_text() == STARTER


def test_fix_shows_what_is_left_and_exits_with_3(call: Any) -> None:
    write(SLIP.replace("parallelism: 2", "parallelism: 0"))
    code, _, err = call("fix")
    assert code == 3
    assert "error[OFC104]: `parallelism` is `0`" in err
    assert "maximize accuracy" in Path("omniforce.yaml").read_text()


# migrate


def test_migrate_writes_the_newest_version(call: Any) -> None:
    path = write(OLD)
    assert call("migrate", "--check") == (
        2,
        "",
        (
            "omniforce.yaml: omniforce.dev/v1alpha1 to omniforce.dev/v1alpha2\n"
            "omniforce.yaml: line 54: log is now logger\n"
        ),
    )
    assert call("migrate", "--to", "v1alpha2")[0] == 0
    assert path.read_text() == STARTER.replace("to: server", "to: server\n    logger: all")
    assert LATEST in path.read_text()
    assert call("migrate", "--check") == (0, "", "")


def test_migrate_leaves_what_takes_a_person(call: Any) -> None:
    text = OLD.replace("log: true", "log: $(params.trials)")
    path = write(text)
    code, _, err = call("migrate")
    assert code == 3
    assert "error[OFC113]" in err
    assert path.read_text() == text


def test_an_unknown_version_is_not_migrated(call: Any) -> None:
    write(OLD.replace("v1alpha1", "v9"))
    code, _, err = call("migrate")
    assert code == 3
    assert "error[OFC110]" in err


# git

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
    import sys

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
