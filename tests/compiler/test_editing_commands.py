"""`ofc fmt`, `fix` and `migrate` in this process, on files of a folder of their own."""

from __future__ import annotations

import json
import os
import stat
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

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
    assert call("fmt", "--check") == (0, "", "0 files would be formatted, 1 unchanged\n")
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
    assert call("migrate", "--check") == (0, "", "0 files would be migrated, 1 unchanged\n")


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


@pytest.mark.parametrize("command", ["check", "lint", "fmt --check", "fix", "fix --diff"])
def test_the_name_of_a_file_cannot_steer_the_terminal(command: str, call: Any) -> None:
    write(SLIP if "fix" in command else STARTER, "a\x1b[2J\nb.yaml")
    _, out, err = call(*command.split(), "a\x1b[2J\nb.yaml")
    assert "\x1b" not in out + err
