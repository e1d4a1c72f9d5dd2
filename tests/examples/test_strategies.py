"""One study, searched in every way that examples/strategies shows."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "strategies"
OFC = Path(sys.executable).parent / "ofc"
WAYS = sorted(path.stem for path in EXAMPLE.glob("*.yaml") if path.stem != "omniforce")

pytestmark = [
    pytest.mark.xdist_group("training"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
        for name in ("botorch", "onnxruntime", "sklearn")
    ),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_study_is_searched_in_each_way(way: str, tmp_path: Path) -> None:
    files = ("-f", EXAMPLE / "omniforce.yaml", "-f", EXAMPLE / f"{way}.yaml")
    ran = subprocess.run(
        [OFC, "run", *files, "--set", "spec.search.budget.trials=8", "--no-serve", "-o", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert f"search   {way}, tabular/learner" in ran.stderr
    listed = subprocess.run(
        [OFC, "trials", "wine", "-o", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    trials = json.loads(listed.stdout)["trials"]
    assert len({json.dumps(trial["parameters"], sort_keys=True) for trial in trials}) == 8
