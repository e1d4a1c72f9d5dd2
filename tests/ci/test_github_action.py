"""The GitHub Action: its steps are run as a runner does, and its comment against a small API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.crd import needs_shared
from tests.support.live import changed, live

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "ci" / "github"
OFC = f"""#!/bin/sh
exec {sys.executable} -m omniforce.compiler.cli.main "$@"
"""
GOOD = (ROOT / "examples" / "digits-edge" / "omniforce.yaml").read_text(encoding="utf-8")
BAD = GOOD.replace("on server\n", "on sever\n", 1)


class Runner:
    """A job's folders and the files that GitHub gives to each step."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work"
        self.temp = folder / "temp"
        self.output = folder / "output"
        self.summary = folder / "summary"
        for made in (self.workspace, self.temp):
            made.mkdir()
        program = folder / "ofc"
        program.write_text(OFC)
        program.chmod(0o755)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temp),
            "OFC_BIN": str(program),
        }
        subprocess.run(["git", "init", "-q"], cwd=self.workspace, check=True)

    def write(self, name: str, text: str) -> Path:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(
        self, command: str, files: str = "", args: str = "", cwd: str = "."
    ) -> tuple[int, str, dict[str, str], str]:
        """The exit code of the step, its log, its outputs and its summary."""
        for each in (self.output, self.summary):
            each.write_text("")
        inputs = {"OFC_COMMAND": command, "OFC_FILES": files, "OFC_ARGS": args}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", SCRIPTS / "run.sh"],
            cwd=self.workspace / cwd,
            env=self.environment | inputs,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr == ""
        pairs = (line.split("=", 1) for line in self.output.read_text().splitlines())
        return done.returncode, done.stdout, dict(pairs), self.summary.read_text()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    if shutil.which("bash") is None or shutil.which("git") is None:
        pytest.skip("needs bash and git")
    return Runner(tmp_path)


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_good_spec_passes(command: str, runner: Runner) -> None:
    runner.write("omniforce.yaml", GOOD)
    code, _, outputs, summary = runner.run(command)
    assert (code, outputs) == (0, {})
    assert summary.startswith(f"### ofc {command}: no errors\n")


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_broken_spec_fails_with_annotations_at_the_repositorys_paths(
    command: str, runner: Runner
) -> None:
    runner.write("specs/edge/omniforce.yaml", BAD)
    code, log, _, summary = runner.run(command, cwd="specs/edge")
    assert code == 3
    assert re.search(
        r"^::error file=specs/edge/omniforce.yaml,line=59,endLine=59,col=16,title=OFC308", log, re.M
    )
    assert summary.startswith(f"### ofc {command}: refused\n")
    assert "    error[OFC308]: no device is called `sever`" in summary


def test_patterns_find_specs_in_folders(runner: Runner) -> None:
    runner.write("a/omniforce.yaml", GOOD)
    runner.write("b c/omniforce.yaml", BAD)
    code, log, _, _ = runner.run("check", files="**/omniforce.yaml\n")
    assert code == 3
    assert "file=b c/omniforce.yaml" in log
    assert "a/omniforce.yaml: no errors" in log


def test_what_is_not_there_is_said(runner: Runner) -> None:
    code, log, _, _ = runner.run("check", files="none/*.yaml")
    assert code == 3
    assert "`none/*.yaml` cannot be read" in log


def test_arguments_are_one_a_line(runner: Runner) -> None:
    runner.write("omniforce.yaml", GOOD)
    code, _, _, summary = runner.run("check", args="-p\n  trials=2  \n\n")
    assert code == 3
    assert "`-p trials=2` does not fit" in summary


def test_nothing_of_an_input_is_run(runner: Runner) -> None:
    runner.write("omniforce.yaml", GOOD)
    evil = '$(touch pwned)\n`touch pwned`\n; touch pwned\n" && touch pwned #\n| touch pwned'
    runner.run("check", files=evil, args="")
    runner.run("check", files="", args="-p\n$(touch pwned)=1; touch pwned")
    runner.run("$(touch pwned)")
    assert not (runner.workspace / "pwned").exists()


def test_nothing_of_a_spec_is_a_command_to_the_runner(runner: Runner) -> None:
    runner.write("omniforce.yaml", BAD.replace("family:", '"\\n::error::gotcha":'))
    _, log, _, _ = runner.run("check")
    lines = log.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[at].removeprefix("::stop-commands::")
    assert len(token) == 32
    assert lines[-1] == f"::{token}::"
    assert not any(line.startswith("::error::gotcha") for line in lines[:at])


def test_form_is_checked_and_shown(runner: Runner) -> None:
    path = runner.write("omniforce.yaml", GOOD)
    subprocess.run([runner.environment["OFC_BIN"], "fmt", path], check=True, capture_output=True)
    assert runner.run("fmt")[0::2] == (0, {"changed": "false"})
    path.write_text(path.read_text().replace("kind: ", "kind:   "))
    code, log, outputs, summary = runner.run("fmt")
    assert (code, outputs) == (1, {"changed": "true"})
    assert "::error title=ofc fmt::" in log
    assert "    -kind:   OmniForce\n    +kind: OmniForce\n" in summary


def test_output_that_does_not_fit_the_spec_fails(runner: Runner) -> None:
    path = runner.write("omniforce.yaml", GOOD)
    assert runner.run("compile", args="--output=dist")[0::2] == (0, {"changed": "true"})
    assert runner.run("compile", args="--output=dist\n--locked")[0] == 0
    path.write_text(GOOD.replace("default: 48", "default: 49"))
    code, log, _, summary = runner.run("compile", args="--output=dist\n--locked")
    assert code != 0
    assert "::error title=ofc compile::" in log
    assert "OFC601" in summary


def test_a_plan_has_its_outputs(runner: Runner) -> None:
    path = runner.write("omniforce.yaml", GOOD)
    runner.run("compile", args="--output=dist")
    code, _, outputs, summary = runner.run("plan", args="--against=dist")
    plan = str(runner.temp / "ofc" / "plan.json")
    assert (code, outputs) == (0, {"plan-json": plan, "changed": "false"})
    path.write_text(GOOD.replace("default: 48", "default: 49"))
    code, _, outputs, summary = runner.run("plan", args="--against=dist")
    assert (code, outputs["changed"]) == (0, "true")
    assert json.loads(Path(plan).read_text())["formatVersion"] == "1.0"
    assert summary.startswith("<!-- ofc plan: digits-edge -->\n### Plan for `digits-edge`")
    assert (runner.temp / "ofc" / "plan.md").read_text() == summary


def test_a_plan_that_cannot_be_made_fails(runner: Runner) -> None:
    runner.write("omniforce.yaml", BAD)
    code, log, outputs, summary = runner.run("plan", args="--against=dist")
    assert (code, outputs["changed"]) == (3, "false")
    assert "::error file=omniforce.yaml,line=59" in log
    assert "::error title=ofc plan::" in log
    assert summary.startswith("### ofc plan: stopped\n")
    assert "    error[OFC308]: no device is called `sever`" in summary


def test_a_cluster_that_does_not_answer_is_said(runner: Runner) -> None:
    pytest.importorskip("kubernetes", reason="needs kubernetes")
    runner.write("omniforce.yaml", GOOD)
    runner.environment["KUBECONFIG"] = str(runner.workspace / "none")
    code, log, outputs, summary = runner.run("plan")
    assert (code, outputs["changed"]) == (1, "false")
    assert "plan" not in outputs
    assert "::error title=ofc plan::" in log
    assert "error[OFC6" in summary
    assert not (runner.temp / "ofc" / "plan.md").exists()


@needs_shared
def test_what_was_planned_is_applied(runner: Runner, tmp_path: Path) -> None:
    pytest.importorskip("kubernetes", reason="needs kubernetes")
    runner.write("omniforce.yaml", changed())
    with live(tmp_path, applied=False) as there:
        runner.environment["KUBECONFIG"] = str(there.kubeconfig)
        code, _, outputs, summary = runner.run("plan")
        assert (code, outputs["changed"]) == (0, "true")
        assert summary.startswith("<!-- ofc plan: digits-edge -->\n### Plan for `digits-edge`")
        code, _, _, summary = runner.run("apply", files=outputs["plan"])
        assert code == 0, summary
        assert summary.startswith("### ofc apply: done\n")
        assert runner.run("plan")[2]["changed"] == "false"
        runner.write("omniforce.yaml", changed(("default: 48", "default: 60")))
        code, log, _, summary = runner.run("apply", files=outputs["plan"])
        assert code == 5, summary
        assert summary.startswith("### ofc apply: stopped\n")
        assert "::error title=ofc apply::" in log


def test_an_unknown_command_is_refused(runner: Runner) -> None:
    code, log, _, _ = runner.run("destroy")
    assert code == 64
    assert log.startswith("::error title=ofc::the input `command` is one of")


# --- the comment


class Api(BaseHTTPRequestHandler):
    """The few calls about comments; `server.comments` is what there is."""

    server: Any

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self.answer(200, self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self.change("POST")

    def do_PATCH(self) -> None:
        self.change("PATCH")

    def change(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        if self.headers["Authorization"] != "Bearer good":
            self.answer(403, {})
            return
        self.server.changes.append((method, self.path, body))
        self.answer(200, {"html_url": "somewhere"})

    def answer(self, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Api)
    server.comments, server.changes = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def comment(api: Any, folder: Path, plan: str, token: str = "good") -> tuple[int, str]:
    (folder / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    (folder / "plan.md").write_text(plan)
    done = subprocess.run(
        [sys.executable, SCRIPTS / "comment.py", folder / "plan.md"],
        env={
            "GITHUB_API_URL": f"http://127.0.0.1:{api.server_port}",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": "me/project",
            "GITHUB_TOKEN": token,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


MARK = "<!-- ofc plan: digits -->"
BOT = {"type": "Bot"}


def test_the_first_plan_makes_a_comment(api: Any, tmp_path: Path) -> None:
    assert comment(api, tmp_path, f"{MARK}\nnew\n") == (0, "somewhere\n")
    assert api.changes == [("POST", "/repos/me/project/issues/7/comments", f"{MARK}\nnew\n")]


def test_the_next_one_changes_it(api: Any, tmp_path: Path) -> None:
    other = {"id": 1, "body": f"> {MARK}\nquoted", "user": BOT}
    person = {"id": 2, "body": f"{MARK}\nmine", "user": {"type": "User"}}
    study = {"id": 3, "body": "<!-- ofc plan: iris -->\n", "user": BOT}
    ours = {"id": 4, "body": f"{MARK}\r\nold", "user": BOT}
    api.comments = [other] * 100 + [person, study, ours]
    assert comment(api, tmp_path, f"{MARK}\nnew\n")[0] == 0
    assert api.changes == [("PATCH", "/repos/me/project/issues/comments/4", f"{MARK}\nnew\n")]


def test_a_long_plan_is_cut_where_markdown_stays_whole(api: Any, tmp_path: Path) -> None:
    comment(api, tmp_path, f"{MARK}\n<details>\n\n```diff\n" + "+ line\n" * 20_000)
    ((_, _, body),) = api.changes
    assert len(body) < 65_536
    assert body.endswith("+ line\n```\n\n</details>\n\nThe rest is in the job's summary.\n")


def test_a_token_that_may_not_comment_fails_nothing(api: Any, tmp_path: Path) -> None:
    code, log = comment(api, tmp_path, f"{MARK}\nnew\n", token="of a fork")
    assert code == 0
    assert log.startswith("::warning title=ofc::the token may not comment")


# --- the action itself


def test_the_action_fits_the_schema_of_actions() -> None:
    checked = pytest.importorskip("check_jsonschema", reason="needs check-jsonschema")
    schemas = Path(checked.__file__).parent / "builtin_schemas" / "vendor"
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((schemas / "github-actions.json").read_text())
    jsonschema.validate(action(), schema)


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


def test_no_input_is_part_of_a_scripts_text() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def test_every_script_of_the_action_is_there() -> None:
    named = re.findall(r"\$GITHUB_ACTION_PATH/([\w./]+)", (ROOT / "action.yml").read_text())
    assert len(named) == 3
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_scripts_are_good_shell() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not on PATH")
    subprocess.run(["shellcheck", *SCRIPTS.glob("*.sh")], check=True)
