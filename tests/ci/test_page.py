"""docs/ci.md: what it shows fits the schemas, and the tables say what the files say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def block(before: str) -> Any:
    """The first block of YAML behind a text."""
    return yaml.safe_load(PAGE[PAGE.index(before) :].split("```yaml\n", 1)[1].split("```", 1)[0])


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_workflow_fits_the_schema_of_workflows() -> None:
    checked = pytest.importorskip("check_jsonschema", reason="needs check-jsonschema")
    jsonschema = pytest.importorskip("jsonschema")
    schemas = Path(checked.__file__).parent / "builtin_schemas" / "vendor"
    workflow = block("<!-- workflow -->")
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads `on` so
    schema = json.loads((schemas / "github-workflows.json").read_text())
    jsonschema.validate(workflow, schema)


def test_the_workflow_gives_no_right_that_is_not_needed() -> None:
    workflow = block("<!-- workflow -->")
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights == {
        "check": None,
        "plan": {"contents": "read", "pull-requests": "write"},
        "apply": None,
    }


def test_every_action_of_the_workflow_is_named_by_a_commit() -> None:
    jobs = block("<!-- workflow -->")["jobs"].values()
    used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
    assert [each for each in used if not re.search(r"@[0-9a-f]{40}$", each)] == []


def test_the_workflow_gives_inputs_that_the_action_has() -> None:
    jobs = block("<!-- workflow -->")["jobs"].values()
    steps = [s for job in jobs for s in job["steps"] if "OWNER" in s.get("uses", "")]
    given = {name for step in steps for name in step["with"]}
    assert given <= action()["inputs"].keys()


def test_the_table_of_inputs_is_that_of_the_action() -> None:
    table = PAGE[PAGE.index("Inputs:") : PAGE.index("Outputs:")]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.M) == list(action()["inputs"])
    line = PAGE[PAGE.index("Outputs:") : PAGE.index("- **Least rights.**")]
    assert all(f"`{name}`" in line for name in action()["outputs"])


def test_the_hooks_of_the_page_are_those_that_there_are() -> None:
    (repository,) = block("## pre-commit")["repos"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [h["id"] for h in repository["hooks"]] == [h["id"] for h in hooks]


def test_the_run_of_the_task_gives_what_the_task_takes() -> None:
    task = yaml.safe_load((ROOT / "ci" / "tekton" / "task.yaml").read_text(encoding="utf-8"))
    run = block("## Tekton")["spec"]
    assert {p["name"] for p in run["params"]} <= {p["name"] for p in task["spec"]["params"]}
    assert [w["name"] for w in run["workspaces"]] == [w["name"] for w in task["spec"]["workspaces"]]


def test_the_component_of_the_page_gives_inputs_that_there_are() -> None:
    (included,) = block("## GitLab")["include"]
    template = (ROOT / "templates" / "ofc" / "template.yml").read_text(encoding="utf-8")
    inputs = yaml.safe_load(template.partition("\n---\n")[0])["spec"]["inputs"]
    assert included["inputs"].keys() <= inputs.keys()
