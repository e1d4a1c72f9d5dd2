"""`ofc run --on ray` as people use it: the same study as here, Ctrl-C, and wrong addresses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
STEPS = 30
"""Of a whole training of `stepping_estimator`."""

pytestmark = [
    pytest.mark.ray,
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'omniforce[ray]'"),
]

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: tiny}
spec:
  data: {source: "file://data.csv", target: y}
  algorithm:
    estimator: hostile_estimators:Estimator
    metrics: [accuracy, cost]
    parameters: [kind, x, seconds]
    arguments: {seconds: 0.2}
  searchSpace:
    x: 0.0...1.0
    kind: {good, raises, slow}
  objectives:
    - maximize accuracy
    - minimize cost
  search:
    strategy: sobol
    budget: {trials: 8}
    parallelism: 2
    trial: {timeout: 20s, resources: {memory: 256MiB}}
"""


SLOW = SPEC.replace("{good, raises, slow}", "{slow}").replace("trials: 8", "trials: 1000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(f"{i}.5,{i % 7},{i % 2}\n" for i in range(60))
    (tmp_path / "data.csv").write_text("a,b,y\n" + rows)
    (tmp_path / "omniforce.yaml").write_text(SPEC)
    return tmp_path


def _environment() -> Mapping[str, str]:
    path = os.pathsep.join([str(HERE.parent / "local"), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path, "NO_COLOR": "1"}


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "omniforce.compiler.cli.main", *arguments],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ofc(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    stdout, stderr = process.communicate(timeout=180)
    return process.returncode, stdout, stderr


def trials(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    code, stdout, stderr = ofc(folder, "trials", *arguments, "-o", "json")
    assert code == 0, stderr
    found: list[dict[str, Any]] = json.loads(stdout)["trials"]
    return found


def test_the_same_seed_gives_the_same_study_on_ray_as_here(folder: Path) -> None:
    there = ofc(folder, "run", "--on", "ray", "--no-serve", "-o", "json")
    assert there[0] == 0, there[2]
    here = ofc(folder, "run", "--no-serve", "-o", "json", "--dir", "here")
    facts = [
        {k: v for k, v in json.loads(out).items() if k not in ("report", "model", "front")}
        for _, out, _ in (there, here)
    ]
    assert facts[0] == facts[1]
    told = ("trial", "state", "parameters", "metrics", "failure", "message")
    on_ray, on_local = (
        [{k: t.get(k) for k in told} for t in each]
        for each in (trials(folder), trials(folder, "--dir", "here"))
    )
    assert len(on_ray) == 8
    assert on_ray == on_local
    logs = folder / ".ofc" / "tiny" / "logs"
    for trial in on_ray:
        printed = (logs / f"trial-{trial['trial']:04d}.log").read_text()
        assert ("Traceback" in printed) == (trial["state"] == "failed")


def test_a_bad_trial_on_ray_ends_early_and_is_completed(folder: Path) -> None:
    spec = SPEC.replace("hostile_estimators:Estimator", "stepping_estimator:Estimator")
    spec = spec.replace("[accuracy, cost]", "[accuracy, steps]").replace(
        "[kind, x, seconds]", "[x]"
    )
    spec = spec.replace("    arguments: {seconds: 0.2}\n", "")
    spec = spec.replace("    kind: {good, raises, slow}\n", "").replace("- minimize cost", "")
    spec = spec.replace("    - \n", "").replace(
        "parallelism: 2", "parallelism: 2\n    stopping: {rule: median, least: 3, after: 2}"
    )
    (folder / "omniforce.yaml").write_text(spec)
    code, _, stderr = ofc(folder, "run", "--on", "ray", "--no-serve")
    assert code == 0, stderr
    found = trials(folder)
    assert [trial["state"] for trial in found] == ["completed"] * 8
    steps = [trial["metrics"]["steps"] for trial in found]
    assert max(steps) == STEPS - 1
    assert min(steps) < STEPS - 1


def test_a_run_on_ray_that_is_stopped_leaves_no_process_and_loses_no_trial(folder: Path) -> None:
    (folder / "omniforce.yaml").write_text(SLOW)
    process = start(folder, "run", "--on", "ray", "--no-serve")
    until, third = time.monotonic() + 120, folder / ".ofc" / "tiny" / "logs" / "trial-0002.log"
    while not third.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    started = _descendants(process.pid)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert len(started) > 4  # the raylet, its agents, the actors and their workers
    assert [name for pid, name in started.items() if _lives(pid)] == []
    states = {trial["state"] for trial in trials(folder)}
    assert states <= {"completed", "proposed"}


def test_an_address_where_no_cluster_is_costs_nothing(folder: Path) -> None:
    code, _, stderr = ofc(folder, "run", "--on", "ray", "--address", "auto", "--no-serve")
    assert code == 1
    assert "error[OFC813]" in stderr
    assert "Traceback" not in stderr


def test_an_address_without_ray_is_a_mistake(folder: Path) -> None:
    code, _, stderr = ofc(folder, "run", "--address", "auto")
    assert code == 64
    assert "add `--on ray`" in stderr


def test_a_file_that_is_no_compiled_study_is_named(folder: Path) -> None:
    code, _, stderr = ofc(folder, "run", "--program", "omniforce.yaml", "--on", "ray")
    assert code == 1
    assert "error[OFC817]" in stderr


def _descendants(process: int) -> dict[int, str]:
    from omniforce.runtime.local.memory import family

    return {pid: _name(pid) for pid in family(process)[1:]}


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return "?"


def _lives(process: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
        time.sleep(0.05)
    return True
