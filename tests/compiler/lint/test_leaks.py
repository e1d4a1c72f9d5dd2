"""What looks like a secret is written into no output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run
from omniforce.compiler.lint.leaks import starred_setting

TOKEN = "ghp_" + "0123456789abcdefghijABCDEFGHIJ456789"
LOGIN = "https://reader:hunter2@example.org/"
HEAD = "apiVersion: omniforce.dev/v1alpha2\nkind: {}\nmetadata: {{name: digits}}\n"
COLUMN = "$(params.column)"
SPEC = (
    HEAD.format("OmniForce")
    + """\
spec:
  params:
    column:
      type: string
      default: label
  data:
    source: sklearn://digits
    target: $(params.column)
  algorithm: {use: vision/classifier@1}
  searchSpace: {learning_rate: 1e-4...1e-1 log}
  objectives: [maximize accuracy]
  search: {budget: {trials: 8}}
"""
)
FIXED = SPEC.replace(COLUMN, "label").replace(
    "  params:\n    column:\n      type: string\n      default: label\n", ""
)
EXCUSE = "  # ofc: ignore[OFC900] because it is the name of a column"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `ofc` over the spec of a text; answers its exit code and stderr."""

    def called(*arguments: str, spec: str = SPEC) -> tuple[int, str]:
        Path("omniforce.yaml").write_text(spec)
        code = run(arguments)
        captured = capsys.readouterr()
        assert captured.out == ""
        return code, captured.err

    return called


def test_a_parameter_that_looks_like_a_secret_is_not_written(call: Any) -> None:
    code, err = call("compile", "-p", f"column={TOKEN}")
    assert code == 3
    assert err.startswith(
        "error[OFC608]: `-p column` looks like a secret, and would be written: a token of GitHub\n"
        " --> omniforce.yaml:6:5\n"
    )
    assert err.count("OFC608]") == 1
    assert TOKEN not in err
    assert not Path("dist").exists()


@pytest.mark.parametrize("command", [("plan", "--against", "."), ("apply", "--dry-run", "client")])
def test_no_cluster_gets_one(command: tuple[str, ...], call: Any) -> None:
    code, err = call(*command, "-p", f"column={TOKEN}")
    assert (code, "error[OFC608]" in err) == (3, True)


def test_a_reason_where_the_parameter_is_declared_lets_it_pass(call: Any) -> None:
    spec = SPEC.replace("    column:", f"    column:{EXCUSE}")
    code, err = call("compile", "--provenance", "-p", f"column={TOKEN}", spec=spec)
    assert (code, "OFC" in err) == (0, False)
    line = Path("dist/attestations/provenance.intoto.jsonl").read_text()
    definition = json.loads(line)["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["params"] == {"column": "***"}
    assert call("lint", "--select", "OFC94", spec=spec)[0] == 0


def test_without_a_reason_it_does_not_pass(call: Any) -> None:
    spec = SPEC.replace("    column:", "    column:  # ofc: ignore[OFC900]")
    assert call("compile", "-p", f"column={TOKEN}", spec=spec)[0] == 3


def test_a_value_inside_a_text_is_found_by_what_is_around_it(call: Any) -> None:
    spec = SPEC.replace("$(params.column)", "https://reader:$(params.column)@example.org/")
    _, err = call("compile", "-p", "column=hunter2", spec=spec)
    assert "error[OFC608]: `-p column` looks like a secret, and would be written: a password" in err


@pytest.mark.parametrize("excuse", ["", EXCUSE])
def test_a_value_of_the_spec_is_refused_in_its_place(excuse: str, call: Any) -> None:
    spec = FIXED.replace("target: label", f"target: {LOGIN}{excuse}")
    code, err = call("compile", spec=spec)
    assert code == (0 if excuse else 3)
    assert ("omniforce.yaml:7:28" in err) is not bool(excuse)
    assert "hunter2" not in err


def test_a_comment_is_no_value(call: Any) -> None:
    assert call("compile", spec=f"# {TOKEN}\n{SPEC}")[0] == 0


def test_a_setting_and_an_overlay_are_refused_in_theirs(call: Any) -> None:
    _, err = call("compile", "--set", f"spec.data.target={LOGIN}", spec=FIXED)
    assert " --> --set:1:" in err
    Path("prod.yaml").write_text(f"spec: {{data: {{target: '{LOGIN}'}}}}\n")
    _, err = call("compile", "-f", "omniforce.yaml", "-f", "prod.yaml", spec=FIXED)
    assert " --> prod.yaml:1:39\n" in err


def test_a_secret_of_a_template_is_told_with_its_use_which_may_excuse_it(call: Any) -> None:
    body = f"spec:\n  body:\n    data: {{target: '{LOGIN}'}}\n"
    Path("t.yaml").write_text(HEAD.format("Template") + body)
    uses = FIXED.replace("    target: label\n", "").replace("spec:", "spec:\n  use: [./t.yaml]")
    code, err = call("compile", spec=uses)
    assert (code, " --> t.yaml:6:36\n" in err, "used here" in err) == (3, True, True)
    assert call("compile", spec=uses.replace("t.yaml]", f"t.yaml]{EXCUSE}"))[0] == 0


def test_a_secret_in_sql_is_found_in_its_line(call: Any) -> None:
    query = f"select *\n          from data where k = '{TOKEN}'"
    sql = f"    features:\n      - sql: |\n          {query}\n"
    code, err = call("compile", spec=SPEC.replace("  algorithm", f"{sql}  algorithm"))
    assert (code, " --> omniforce.yaml:15:32\n" in err) == (3, True)


def test_settings_are_starred_in_the_provenance() -> None:
    token = "metadata.labels.token=abc123abc"
    assert starred_setting(token) == "metadata.labels.token=***"
    assert starred_setting("spec.search.seed=7") == "spec.search.seed=7"
