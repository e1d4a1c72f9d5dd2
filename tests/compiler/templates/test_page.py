"""What docs/templates.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omniforce.compiler.cli.main import run
from tests.support.templates import write

PAGE = Path(__file__).parents[3] / "docs" / "templates.md"
FILE = re.compile(r"^```yaml\n(# (\S+\.yaml)\n.*?)^```$", re.MULTILINE | re.DOTALL)
LONG = re.compile(r"^\$ ofc (render --origins .*)\n\.\.\.\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # A file begins with its name here, which its lines do not count.
    files = {name: text.partition("\n")[2] for text, name in FILE.findall(PAGE.read_text("utf-8"))}
    assert sorted(files) == [
        "from-template.yaml",
        "omniforce.yaml",
        "prod.yaml",
        "small/template.yaml",
    ]
    write(tmp_path, files)


@pytest.mark.parametrize(
    "arguments",
    [
        ("omniforce.yaml", "from-template.yaml"),
        ("-f", "omniforce.yaml", "-f", "prod.yaml"),
        (
            "--set",
            "spec.search.parallelism=4",
            "--set",
            "spec.objectives[0]=require accuracy >= 0.95",
            "--set",
            'metadata.labels."example.org/team"=vision',
            "--set",
            "spec.searchSpace.batch_size={16, 32}",
        ),
    ],
)
def test_the_files_of_the_page_pass(arguments: tuple[str, ...]) -> None:
    assert run(["check", *arguments]) == 0


def test_a_second_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-p", "statistic=p95 on edge"]) == 3
    assert "error[OFC340]" in capsys.readouterr().err


def test_the_origins_are_those_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    ((command, expected),) = LONG.findall(PAGE.read_text("utf-8"))
    assert run(command.split()) == 0
    assert expected in capsys.readouterr().out
