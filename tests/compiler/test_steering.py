"""What would turn or hide the text around it is spelt out by every command, and means the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omniforce.compiler.cli.main import run
from omniforce.compiler.diagnostics.width import json_steady, steady
from omniforce.spec.load import load
from omniforce.spec.source import Source

TURNS = "a\u202eb\u2066c\U000e0041"
SPEC = f"""\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {{name: digits}}
spec:
  data: {{source: 'file:///{TURNS}.csv', target: "{TURNS}"}}
  algorithm: {{estimator: 'm:M', image: 'r/i:1', metrics: [accuracy]}}
  searchSpace:
    kind: {{type: choice, range: ["{TURNS}", "\\e[2Jd"], default: "{TURNS}"}}
  objectives: [maximize accuracy]
  search: {{budget: {{trials: 8}}}}
"""


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "check -o json",
        "check -o sarif",
        "check -o gitlab",
        "lint",
        "analyze",
        "render",
        "render --origins",
        "render -o json",
        "graph",
        "graph -o svg",
        "graph -o json",
        "compile --trace -o out",
        "compile --trace -o -",
        "diff other.yaml",
        "diff other.yaml -o json",
    ],
)
@pytest.mark.parametrize("wrong", [False, True])
def test_no_command_writes_it_raw(
    command: str,
    wrong: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SPEC.replace("trials: 8", f'trials: "{TURNS}"') if wrong else SPEC
    Path("omniforce.yaml").write_text(text, encoding="utf-8")
    other = SPEC.replace(TURNS, "x").replace("2Jd", "2Je")
    Path("other.yaml").write_text(other, encoding="utf-8")
    name, *options = command.split()
    files = ["other.yaml", "omniforce.yaml"] if name == "diff" else ["omniforce.yaml"]
    run([name, *files, *(o for o in options if o != "other.yaml")])
    out, err = capsys.readouterr()
    assert out + err != ""
    assert [c for c in "\u202e\u2066\U000e0041\x1b" if c in out + err] == []
    if "json" in options:
        json.loads(out)


def test_a_rendered_spec_means_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC, encoding="utf-8")
    assert run(["render", str(tmp_path / "a.yaml")]) == 0
    out, _ = capsys.readouterr()
    assert load(Source("b.yaml", out)).study == load(Source("a.yaml", SPEC)).study


def test_a_file_that_is_piped_through_keeps_every_character(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = f"# {TURNS}\n{SPEC}"
    (tmp_path / "a.yaml").write_text(comment, encoding="utf-8")
    with open(tmp_path / "a.yaml", encoding="utf-8") as opened:
        monkeypatch.setattr("sys.stdin", opened)
        assert run(["fmt", "-"]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith(f"# {TURNS}\n")


def test_colours_line_breaks_and_letters_of_all_scripts_stay() -> None:
    text = "\x1b[1;31merror\x1b[0m\n\tå שלום 漢字 👍\r\n"
    assert steady(text) == text
    assert steady("\x1b[2J \x1b]0;x\a \rgone") == "\\u{1b}[2J \\u{1b}]0;x\\u{7} \\u{d}gone"


def test_json_means_the_same() -> None:
    text = json.dumps({TURNS: TURNS}, ensure_ascii=False)
    assert json_steady(text).isascii()
    assert json.loads(json_steady(text)) == {TURNS: TURNS}
