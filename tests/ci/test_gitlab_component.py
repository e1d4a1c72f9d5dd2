"""The GitLab component: fits GitLab's schema, and its scripts run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "templates" / "ofc" / "template.yml"
GOOD = (ROOT / "examples" / "digits-edge" / "omniforce.yaml").read_text(encoding="utf-8")


def parts() -> tuple[dict[str, Any], str]:
    """The inputs, and the jobs as text."""
    head, _, body = TEMPLATE.read_text(encoding="utf-8").partition("\n---\n")
    return yaml.safe_load(head)["spec"]["inputs"], body


def jobs(**given: str) -> dict[str, Any]:
    """The jobs with inputs filled in, as GitLab does it before it reads them."""
    inputs, body = parts()

    def fill(match: re.Match[str]) -> str:
        name = match[1].strip().removeprefix("inputs.")
        value = given.get(name, inputs[name]["default"])
        return str(value).lower() if isinstance(value, bool) else str(value)

    made: dict[str, Any] = yaml.safe_load(re.sub(r"\$\[\[(.*?)\]\]", fill, body))
    return made


def run(job: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """The script of a job, with the ofc of this environment instead of one that pip installs."""
    every = jobs(**given)
    program = folder / "bin" / "ofc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m omniforce.compiler.cli.main "$@"\n')
    program.chmod(0o755)
    lines = [line for line in every[".ofc"]["before_script"] if line.startswith("read ")]
    variables = every[".ofc"]["variables"] | every[job].get("variables", {})
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join([*lines, *every[job]["script"]])],
        cwd=folder,
        env={**variables, "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_fits_the_schema_of_gitlab() -> None:
    checked = pytest.importorskip("check_jsonschema", reason="needs check-jsonschema")
    jsonschema = pytest.importorskip("jsonschema")
    schemas = Path(checked.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "gitlab-ci.json").read_text())
    jsonschema.validate(jobs(), schema)
    jsonschema.validate({"spec": {"inputs": parts()[0]}}, schema)


def test_every_input_is_used_and_every_used_one_is_declared() -> None:
    inputs, body = parts()
    assert set(re.findall(r"\$\[\[ inputs\.([\w-]+) ", body)) == inputs.keys()


def test_no_input_is_part_of_a_scripts_text() -> None:
    _, body = parts()
    for job in yaml.safe_load(body).values():
        for line in (*job.get("before_script", ()), *job.get("script", ())):
            assert "$[[" not in line


def test_specs_are_checked_and_reported(tmp_path: Path) -> None:
    text = subprocess.run(
        [sys.executable, "-m", "omniforce.compiler.cli.main", "fmt", "-"],
        input=GOOD,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tmp_path / "omniforce.yaml").write_text(text)
    done = run("ofc-check", tmp_path)
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads((tmp_path / "gl-code-quality-report.json").read_text()), list)
    assert (tmp_path / "ofc-junit.xml").read_text().startswith("<?xml")


def test_a_broken_spec_fails_and_is_reported_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("on server\n", "on sever\n", 1))
    done = run("ofc-check", tmp_path, files="a.yaml")
    assert done.returncode == 3
    report = json.loads((tmp_path / "gl-code-quality-report.json").read_text())
    assert "OFC308" in {each["check_name"] for each in report}
    assert "OFC308" in (tmp_path / "ofc-junit.xml").read_text()


def test_a_plan_with_changes_passes(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_text(GOOD)
    (tmp_path / "dist").mkdir()
    done = run("ofc-plan", tmp_path, args="--against dist -p trials=50")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plan.md").read_text().startswith("<!-- ofc plan: digits-edge -->")
