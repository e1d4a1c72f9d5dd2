"""`ofc diff` as a user calls it: what stdout gets in each format, and the exit code."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run

from .specs import BASE, other

NARROWER = other("8...128", "16...64", "trials: 8", "trials: 9")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("a.yaml").write_text(BASE)
    Path("b.yaml").write_text(NARROWER)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(("diff", *arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


def test_text_has_the_places_of_both_sides(call: Any) -> None:
    assert call("a.yaml", "b.yaml") == (
        1,
        """\
~ spec.searchSpace.width.range: 8...128 -> 16...64
    finished trials: kept where it lies in `16...64`, else invalidated; what lies outside can no \
longer be proposed, nor chosen
    a.yaml:9:12 -> b.yaml:9:12
~ spec.search.budget.trials: 8 -> 9
    finished trials: kept; it says how many trials there will be, and nothing of those that were
    a.yaml:14:29 -> b.yaml:14:29

2 changes. Finished trials: some kept, the others invalidated
""",
        "",
    )


def test_markdown_is_a_table_that_no_value_can_break(call: Any) -> None:
    Path("b.yaml").write_text(other("{mlp, cnn}", '{mlp, cnn, "a|b`c<d>"}'))
    code, out, _ = call("a.yaml", "b.yaml", "-o", "markdown")
    assert code == 1
    assert out == (
        "**1 change. Finished trials: all kept.**\n"
        "\n"
        "| | what | before | after | finished trials |\n"
        "|---|---|---|---|---|\n"
        "| ~ | `spec.searchSpace.family.range` | `{mlp, cnn}` | "
        '`` {mlp, cnn, "a\\|b`c<d>"} `` | **kept**; every finished trial is one of it still |\n'
    )


def test_json_has_every_change(call: Any) -> None:
    code, out, err = call("a.yaml", "b.yaml", "-o", "json")
    document = json.loads(out)
    changes = document.pop("changes")
    assert (code, err, document) == (
        1,
        "",
        {
            "formatVersion": "1.0",
            "before": "a.yaml",
            "after": "b.yaml",
            "same": False,
            "trials": "kept",
            "partly": True,
        },
    )
    assert changes[1] == {
        "path": "spec.search.budget.trials",
        "before": "8",
        "after": "9",
        "fate": "kept",
        "only": "",
        "why": "it says how many trials there will be, and nothing of those that were",
        "beforeSpan": place("a.yaml"),
        "afterSpan": place("b.yaml"),
    }


def test_two_that_mean_the_same_give_no_text_and_zero(call: Any) -> None:
    Path("b.yaml").write_text(f"# the same\n{BASE}")
    assert call("a.yaml", "b.yaml") == (0, "", "a.yaml and b.yaml mean the same\n")


def test_one_that_is_refused_is_told_and_nothing_compared(call: Any) -> None:
    Path("b.yaml").write_text(BASE.replace("8...128", "128...8"))
    code, out, err = call("a.yaml", "b.yaml")
    assert (code, out) == (3, "")
    assert "error[OFC202]" in err


def test_a_file_that_is_not_there_is_refused_too(call: Any) -> None:
    code, _, err = call("a.yaml", "c.yaml")
    assert (code, "OFC001" in err) == (3, True)


@pytest.mark.parametrize("arguments", [(), ("a.yaml",), ("a.yaml", "b.yaml", "c.yaml")])
def test_it_compares_two(arguments: tuple[str, ...], call: Any) -> None:
    assert call(*arguments)[0] == 64


def test_a_value_that_looks_like_a_secret_is_not_shown(call: Any) -> None:
    key = "q8ZkT2vX9bLm4RwY7nPcQ1sD5tG"
    Path("b.yaml").write_text(BASE.replace("{epochs: 20}", f"{{epochs: 20, k: {key}}}"))
    for format_ in ("text", "json", "markdown"):
        _, out, err = call("a.yaml", "b.yaml", "-o", format_)
        assert key not in out + err
        assert "***" in out


def test_a_spec_is_compared_with_itself_under_an_overlay(call: Any) -> None:
    Path("prod.yaml").write_text("spec: {search: {budget: {trials: 80}}}\n")
    code, out, err = call("a.yaml", "a.yaml+prod.yaml")
    assert (code, err) == (1, "")
    assert out.startswith("~ spec.search.budget.trials: 8 -> 80\n")
    assert "    a.yaml:14:29 -> prod.yaml:1:34\n" in out
    assert call("b.yaml", "a.yaml+b.yaml")[0] == 0


def test_a_revision_of_git_is_compared_with_the_file(call: Any, here: Path) -> None:
    git(here, "init", "-q")
    git(here, "add", "a.yaml")
    git(here, "commit", "-q", "-m", "one")
    Path("a.yaml").write_text(NARROWER)
    code, out, _ = call("--git", "HEAD", "a.yaml")
    assert (code, "    HEAD:a.yaml:9:12 -> a.yaml:9:12\n" in out) == (1, True)


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:a"])
def test_a_revision_that_is_not_there_is_a_problem(revision: str, call: Any, here: Path) -> None:
    git(here, "init", "-q")
    code, out, err = call(f"--git={revision}", "a.yaml")
    assert (code, out) == (1, "")
    assert "error[OFC707]" in err
    assert not Path("x").exists()


def git(where: Path, *arguments: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(where), *names, *arguments], check=True)


def place(file: str) -> dict[str, object]:
    return {"file": file, "line": 14, "column": 29, "endLine": 14, "endColumn": 30}
