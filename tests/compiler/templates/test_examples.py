"""The examples of overlays and templates, by the commands that stand in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.compiler.cli.main import run

ROOT = Path(__file__).parents[3]
DIGITS = ("-f", "examples/digits-edge/omniforce.yaml", "-f", "examples/digits-edge/prod.yaml")
TEMPLATE = ("-f", "examples/templates/digits.yaml")


@pytest.mark.parametrize("chosen", [DIGITS, TEMPLATE], ids=["overlay", "template"])
@pytest.mark.parametrize("command", ["check", "lint", "render", "compile"])
def test_an_example_passes(
    command: str,
    chosen: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    more = ("-o", str(tmp_path)) if command == "compile" else ()
    assert run([command, *chosen, *more]) == 0
    assert "error" not in capsys.readouterr().err.replace("no errors", "")


def test_the_origins_name_every_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["render", "--origins", *TEMPLATE, "-p", "trials=9"]) == 0
    out = capsys.readouterr().out
    for text in (
        "# examples/templates/digits.yaml:24",
        "# examples/templates/edge-classifier/template.yaml:",
        "trials from -p trials",
        "# default",
    ):
        assert text in out
