"""The Tekton task: what a `restricted` namespace takes, and a script that runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "examples" / "digits-edge" / "omniforce.yaml").read_text(encoding="utf-8")


def task() -> dict[str, Any]:
    text = (ROOT / "ci" / "tekton" / "task.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def run(folder: Path, command: str, *arguments: str) -> tuple[int, str, str]:
    """The exit code of the step, its result `changed`, and what it wrote."""
    (step,) = task()["spec"]["steps"]
    program = folder / "bin" / "ofc"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m omniforce.compiler.cli.main "$@"\n')
    program.chmod(0o755)
    changed = folder / "changed"
    changed.write_text("")
    done = subprocess.run(
        ["sh", "-c", step["script"], "script", *arguments],
        cwd=folder,
        env={
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "OFC_COMMAND": command,
            "OFC_CHANGED": str(changed),
            "OFC_KUBECONFIG": "",
            "OFC_HAS_KUBECONFIG": "false",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, changed.read_text(), done.stdout + done.stderr


def test_a_restricted_namespace_takes_its_pods() -> None:
    spec = task()["spec"]
    assert spec["stepTemplate"]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert all("securityContext" not in step for step in spec["steps"])
    assert spec["volumes"] == [{"name": "tmp", "emptyDir": {}}]


def test_no_param_is_part_of_the_scripts_text() -> None:
    (step,) = task()["spec"]["steps"]
    assert "$(" not in step["script"]


def test_what_it_reads_is_declared() -> None:
    spec = task()["spec"]
    text = yaml.safe_dump(spec["steps"])
    for kind, names in (
        ("params", [p["name"] for p in spec["params"]]),
        ("results", [r["name"] for r in spec["results"]]),
        ("workspaces", [w["name"] for w in spec["workspaces"]]),
    ):
        assert all(f"$({kind}.{name}" in text for name in names)


def test_check_passes_and_fails_as_ofc_does(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_text(GOOD)
    assert run(tmp_path, "check", "--", "omniforce.yaml")[:2] == (0, "false")
    (tmp_path / "omniforce.yaml").write_text(GOOD.replace("on server\n", "on sever\n", 1))
    code, changed, said = run(tmp_path, "lint", "--", "omniforce.yaml")
    assert (code, changed) == (3, "false")
    assert "OFC308" in said


def test_a_plan_says_whether_there_is_anything_to_apply(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_text(GOOD)
    (tmp_path / "dist").mkdir()
    assert run(tmp_path, "plan", "--against=dist", "--", "omniforce.yaml")[:2] == (0, "true")
    assert run(tmp_path, "compile", "--output=dist", "--", "omniforce.yaml")[0] == 0
    assert run(tmp_path, "plan", "--against=dist", "--", "omniforce.yaml")[:2] == (0, "false")


def test_another_command_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "destroy; touch pwned")[0] == 64
    assert not (tmp_path / "pwned").exists()


def test_its_script_is_good_shell(tmp_path: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not on PATH")
    (step,) = task()["spec"]["steps"]
    (tmp_path / "script.sh").write_text(step["script"])
    subprocess.run(["shellcheck", tmp_path / "script.sh"], check=True)
