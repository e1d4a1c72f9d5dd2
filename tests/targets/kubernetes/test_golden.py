"""The examples compiled, byte for byte: `pytest --update-golden` writes what is expected anew."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.targets.platforms.kubernetes.check import check
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget
from tests.support.crd import faults, needs_shared

ROOT = Path(__file__).resolve().parents[3]
KUBECTL = shutil.which("kubectl")
GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = ROOT / "examples"
HERE_ONLY = {"digits-cell", "shell-trial"}  # their classes and programs are files of this machine
CASES = sorted({path.parent.name for path in EXAMPLES.glob("*/omniforce.yaml")} - HERE_ONLY)


def _compiled(spec: Path) -> dict[str, str]:
    source = Source("omniforce.yaml", spec.read_text(encoding="utf-8"))
    target = KubernetesTarget()
    compiled = compile_study(load(source, {}), catalogue(), target)
    assert compiled.program is not None, [d.message for d in compiled.diagnostics]
    return {file.path: file.text for file in target.emit(compiled.program)}


def _read(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for stale in _read(folder).keys() - files.keys():
        (folder / stale).unlink()


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, update_golden: bool) -> str:
    name = str(request.param)
    if update_golden:
        spec = EXAMPLES / name / "omniforce.yaml"
        _write(GOLDEN / name / "out", _compiled(spec))
        (GOLDEN / name / "spec.yaml").write_text(spec.read_text(encoding="utf-8"), encoding="utf-8")
    return name


def test_an_example_gives_what_it_gave(case: str) -> None:
    spec = GOLDEN / case / "spec.yaml"
    assert spec.read_text(encoding="utf-8") == (EXAMPLES / case / "omniforce.yaml").read_text(
        encoding="utf-8"
    )
    assert _compiled(spec) == _read(GOLDEN / case / "out")


def test_no_golden_file_is_left_of_an_example_that_is_gone() -> None:
    assert sorted(path.name for path in GOLDEN.glob("*")) == CASES


def _documents(case: str) -> dict[str, Any]:
    made = _read(GOLDEN / case / "out")
    return {path: yaml.safe_load(t) for path, t in made.items() if path != "kustomization.yaml"}


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the path")
def test_kubectl_reads_what_was_written(case: str) -> None:
    folder = GOLDEN / case / "out"
    command = [str(KUBECTL), "kustomize", str(folder)]
    built = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    read = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(built)}
    written = _documents(case).values()
    assert read == {(d["kind"], d["metadata"]["name"]): d for d in written}


@needs_shared
def test_an_api_server_takes_every_golden_object(case: str) -> None:
    found = {path: faults(document) for path, document in _documents(case).items()}
    assert {path: each for path, each in found.items() if each} == {}


def test_the_checker_finds_nothing_in_a_golden_object(case: str) -> None:
    assert check(tuple(_documents(case).values())) == ()
