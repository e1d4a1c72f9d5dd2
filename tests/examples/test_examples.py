"""The examples that run here, each from its raw data to an answered request."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
OFC = Path(sys.executable).parent / "ofc"

pytestmark = [
    pytest.mark.xdist_group("training"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
        for name in ("botorch", "duckdb", "kserve", "onnxruntime", "sklearn")
    ),
]


@pytest.mark.parametrize(
    ("example", "figure"),
    [("digits-edge", "accuracy"), ("diabetes-tabular", "r2"), ("digits-cell", "accuracy")],
)
def test_an_example_runs_to_a_model_that_answers(example: str, figure: str, tmp_path: Path) -> None:
    spec = EXAMPLES / example / "omniforce.yaml"
    ran = subprocess.run(
        [OFC, "run", "-f", spec, "-p", "trials=4", "-o", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["formatVersion"] == "1.0"
    assert (tmp_path / ".ofc" / example / "report.html").is_file()
    (card,) = (tmp_path / ".ofc" / example / "models").glob("*/model.json")
    assert figure in json.loads(card.read_text())["metrics"]
    assert "from the trained model's own answers" in ran.stderr

    listed = subprocess.run(
        [OFC, "trials", example, "-o", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    trials = json.loads(listed.stdout)["trials"]
    assert [t["state"] for t in trials] == ["completed"] * 4


HERE_ONLY = {
    "digits-cell": "a class on this machine's own path",
    "shell-trial": "a program on this machine's own path",
}
SPECS = sorted({path.parent.name for path in EXAMPLES.glob("*/omniforce.yaml")} - set(HERE_ONLY))


@pytest.mark.parametrize("example", SPECS)
def test_an_example_is_checked_and_compiled(example: str, tmp_path: Path) -> None:
    spec = EXAMPLES / example / "omniforce.yaml"
    subprocess.run([OFC, "check", spec], check=True, capture_output=True)
    subprocess.run(
        [OFC, "compile", "-f", spec, "-o", tmp_path / "dist"], check=True, capture_output=True
    )
    assert (tmp_path / "dist" / "kustomization.yaml").is_file()


@pytest.mark.parametrize("example", sorted(HERE_ONLY))
def test_an_example_for_this_machine_says_why_it_is(example: str, tmp_path: Path) -> None:
    spec = EXAMPLES / example / "omniforce.yaml"
    there, here = (
        subprocess.run(
            [OFC, "compile", "-f", spec, "--target", target, "-o", tmp_path / target],
            check=False,
            capture_output=True,
            text=True,
        )
        for target in ("kubernetes", "local")
    )
    assert HERE_ONLY[example] in there.stderr
    assert here.returncode == 0, here.stderr
