"""The study of docs/runtime.md, run as it is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omniforce.runtime.store.store import Store

PAGE = Path(__file__).parents[2] / "docs" / "runtime.md"


def block(language: str, beginning: str) -> str:
    """The page's block of code that begins so."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (text,) = [each for each in found if each.startswith(beginning)]
    return str(text)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_study_of_the_page_runs_by_events_alone(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_text(block("yaml", "apiVersion"))
    script = block("sh", "ofc functions serve")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, errors = process.communicate(timeout=240)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
    assert process.returncode == 0, errors
    assert '"title": "nobody takes such an event"' in (tmp_path / "refused.json").read_text()
    assert "422\n" in said
    store = Store.at(tmp_path / ".ofc" / "iris-by-hand" / "study.db")
    try:
        trials = store.trials("iris-by-hand")
        assert [(trial.state, trial.attempt) for trial in trials] == [("completed", 1)] * 4
        assert all({"accuracy", "latency.p95@edge"} <= set(trial.metrics) for trial in trials)
        assert store.dead_letters() == ()
        assert store.artifact("iris-by-hand", 0, 1, "model.onnx") is not None
    finally:
        store.close()
    assert not (tmp_path / ".ofc" / "iris-by-hand" / "functions.url").exists()
