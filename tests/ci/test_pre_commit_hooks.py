"""The pre-commit hooks, run by the real pre-commit over a repository with specs in it.

How a hook is installed needs the network, so here each runs the `ofc` of this environment.
"""

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


def hooks() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return loaded


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    pytest.importorskip("pre_commit", reason="needs pre-commit")
    if shutil.which("git") is None:
        pytest.skip("git is not on PATH")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    program = f"{sys.executable} -m omniforce.compiler.cli.main"
    local = [
        {**hook, "language": "system", "entry": hook["entry"].replace("ofc", program, 1)}
        for hook in hooks()
    ]
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    return tmp_path


def run(repository: Path, hook: str) -> tuple[int, str]:
    subprocess.run(["git", "add", "-A"], cwd=repository, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never", hook],
        cwd=repository,
        env={
            **os.environ,
            "PRE_COMMIT_HOME": str(repository / ".git" / "pre-commit"),
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "omniforce.compiler.cli.main", "fmt", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_hooks_are_what_the_page_says() -> None:
    assert [(h["id"], h["entry"], h["language"]) for h in hooks()] == [
        ("ofc-fmt", "ofc fmt", "python"),
        ("ofc-lint", "ofc lint", "python"),
        ("ofc-compile-check", "ofc check --target kubernetes", "python"),
    ]


def test_a_good_spec_passes_every_hook(repository: Path) -> None:
    (repository / "omniforce.yaml").write_text(formatted(GOOD))
    for hook in hooks():
        code, said = run(repository, hook["id"])
        assert (code, "Passed" in said) == (0, True), said


def test_fmt_changes_what_is_not_in_house_form_and_fails(repository: Path) -> None:
    path = repository / "deep" / "er" / "small.omniforce.yml"
    path.parent.mkdir(parents=True)
    path.write_text(formatted(GOOD).replace("kind: ", "kind:    "))
    code, said = run(repository, "ofc-fmt")
    assert (code, "files were modified by this hook" in said) == (1, True)
    assert path.read_text() == formatted(GOOD)
    assert run(repository, "ofc-fmt")[0] == 0


@pytest.mark.parametrize("hook", ["ofc-lint", "ofc-compile-check"])
def test_a_broken_spec_fails(hook: str, repository: Path) -> None:
    (repository / "omniforce.yaml").write_text(GOOD.replace("on server\n", "on sever\n", 1))
    code, said = run(repository, hook)
    assert code == 1
    assert "error[OFC308]" in said


def test_what_a_target_cannot_express_fails_only_the_last_one(repository: Path) -> None:
    text = formatted(GOOD).replace("runtime: onnx", "runtime: openvino")
    (repository / "omniforce.yaml").write_text(text)
    code, said = run(repository, "ofc-compile-check")
    assert (code, "error[OFC401]" in said) == (1, True)


def test_other_files_are_left_alone(repository: Path) -> None:
    (repository / "values.yaml").write_text("a: [")
    for hook in hooks():
        code, said = run(repository, hook["id"])
        assert (code, "no files to check" in said) == (0, True)
