"""`ofc lint` and `ofc check` as a user calls them: streams, formats and exit codes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.output import FORMATS

from .linting import GOOD

NOTED = GOOD.replace("width: int 8...128 log, default 32", "width: int 1...9000")
WARNED = GOOD.replace("{trials: 8}", "{trials: 8}\n    parallelism: 9")
REFUSED = GOOD.replace("8...128", "128...8")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    texts = {"good": GOOD, "noted": NOTED, "warned": WARNED, "refused": REFUSED}
    for name, text in texts.items():
        Path(f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "fail_on", "code"),
    [
        ("good", "note", 0),
        ("noted", "note", 3),
        ("noted", "warning", 0),
        ("warned", "warning", 3),
        ("warned", "error", 0),
        ("refused", "error", 3),
    ],
)
def test_the_exit_code_is_what_was_asked_for(file: str, fail_on: str, code: int, call: Any) -> None:
    assert call("lint", f"{file}.yaml", "--fail-on", fail_on)[0] == code


def test_a_finding_goes_to_stderr_and_stdout_stays_empty(call: Any) -> None:
    code, out, err = call("lint", "noted.yaml")
    assert (code, out) == (0, "")
    assert err.startswith("note[OFC903]: `width` spans three decades or more on a linear scale\n")
    assert err.endswith("\n1 note\n")


def test_nothing_found_is_said(call: Any) -> None:
    assert call("lint", "good.yaml") == (0, "", "good.yaml: no findings\n")


def test_what_is_suppressed_is_counted(call: Any) -> None:
    Path("a.yaml").write_text(NOTED.replace("9000", "9000 # ofc: ignore[OFC903] because we know"))
    assert call("lint", "a.yaml") == (
        0,
        "",
        "a.yaml: no findings\n1 finding suppressed by a comment\n",
    )


def test_json_has_the_findings_and_what_was_suppressed(call: Any) -> None:
    Path("a.yaml").write_text(NOTED.replace("9000", "9000 # ofc: ignore[OFC903] because we know"))
    code, out, _ = call("lint", "a.yaml", "noted.yaml", "-o", "json")
    document = json.loads(out)
    files = [
        (f["file"], [d["code"] for d in f["diagnostics"]], [s["reason"] for s in f["suppressed"]])
        for f in document["files"]
    ]
    assert (code, document["summary"]) == (0, "1 note")
    assert files == [("a.yaml", [], ["we know"]), ("noted.yaml", ["OFC903"], [])]


@pytest.mark.parametrize("format_", FORMATS[2:])
@pytest.mark.parametrize("command", ["check", "lint", "compile"])
def test_a_report_is_one_document_on_stdout_and_nothing_else(
    command: str, format_: str, call: Any
) -> None:
    option = "--format" if command == "compile" else "-o"
    files = ("warned.yaml", "refused.yaml")
    code, out, err = call(command, *files, option, format_)
    assert (code, err) == (3, "")
    assert out.count("OFC202") >= 1
    if format_ in ("sarif", "gitlab"):
        json.loads(out)
    elif format_ == "junit":
        assert out.count("<?xml") == 1


def test_places_are_given_from_the_root_of_the_repository(call: Any, here: Path) -> None:
    (here / ".git").mkdir()
    (here / "specs").mkdir()
    (here / "specs" / "a.yaml").write_text(NOTED)
    os.chdir(here / "specs")
    _, out, _ = call("lint", "a.yaml", "-o", "github")
    assert out.startswith("::notice file=specs/a.yaml,line=")


def test_a_problem_of_the_run_is_in_the_report(call: Any) -> None:
    code, out, _ = call("lint", "nowhere.yaml", "-o", "gitlab")
    assert (code, [i["check_name"] for i in json.loads(out)]) == (3, ["OFC001"])


@pytest.mark.parametrize("codes", ["OFC999", "903", "OFC903,no"])
def test_codes_that_there_are_not_are_refused(codes: str, call: Any) -> None:
    code, out, err = call("lint", "noted.yaml", "--select", codes)
    assert (code, out) == (64, "")
    assert "no code begins with" in err


def test_a_check_gives_no_advice(call: Any) -> None:
    assert call("check", "noted.yaml") == (0, "", "noted.yaml: no errors\n")


def test_a_report_of_many_specs_names_those_without_findings(call: Any) -> None:
    for number in range(12):
        Path(f"{number}.yaml").write_text(GOOD)
    files = [f"{n}.yaml" for n in range(12)]
    for _ in range(2):  # the second time they are known to be good
        _, out, _ = call("check", *files, "-o", "junit")
        assert out.count("<testsuite name=") == 12
        assert 'tests="12" failures="0"' in out


DEAD = GOOD.replace(
    "width: int 8...128 log, default 32",
    """\
kind:
      type: choice
      range: {a, b}
      submodule:
        a:
          depth: int 1...4 when kind == b""",
)


def test_a_warning_of_check_and_compile_is_taken_back_by_its_comment(
    call: Any,
) -> None:
    Path("a.yaml").write_text(DEAD)
    Path("b.yaml").write_text(DEAD.replace("== b", "== b # ofc: ignore[OFC241] because we know"))
    for command in ("check", "compile"):
        assert "warning[OFC241]" in call(command, "a.yaml")[2]
        assert "OFC241" not in call(command, "b.yaml")[2]
    assert "1 finding suppressed by a comment" in call("lint", "b.yaml")[2]
