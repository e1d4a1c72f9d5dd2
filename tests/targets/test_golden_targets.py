"""Examples compiled for the targets beside `kubernetes`, byte for byte.

`pytest --update-golden` writes what is expected anew, into `tests/golden/<example>/<target>/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from omniforce.compiler.cli.composition import PLATFORMS, catalogue
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source
from tests.support.crd import faults, needs_shared

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
CASES = [
    ("katib-random", "katib"),
    ("katib-random", "trainer"),
    ("katib-random", "local"),
    ("katib-random", "ray"),
]


def _compiled(example: str, target: str) -> dict[str, str]:
    spec = ROOT / "examples" / example / "omniforce.yaml"
    source = Source("omniforce.yaml", spec.read_text(encoding="utf-8"))
    platform = PLATFORMS[target]()
    compiled = compile_study(load(source, {}), catalogue(), platform.target)
    assert compiled.program is not None, [d.message for d in compiled.diagnostics]
    return {file.path: file.text for file in platform.target.emit(compiled.program)}


def _read(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def _documents(folder: Path) -> dict[str, Any]:
    return {
        path: yaml.safe_load(text)
        for path, text in _read(folder).items()
        if path.endswith(".yaml") and path != "kustomization.yaml"
    }


@pytest.mark.parametrize(("example", "target"), CASES)
def test_an_example_gives_what_it_gave(example: str, target: str, update_golden: bool) -> None:
    folder, made = GOLDEN / example / target, _compiled(example, target)
    if update_golden:
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        for stale in _read(folder).keys() - made.keys():
            (folder / stale).unlink()
    assert made == _read(folder)


@needs_shared
@pytest.mark.parametrize(("example", "target"), CASES)
def test_an_api_server_takes_every_golden_object(example: str, target: str) -> None:
    found = {path: faults(o) for path, o in _documents(GOLDEN / example / target).items()}
    assert {path: each for path, each in found.items() if each} == {}


def test_no_golden_folder_is_left_of_a_target_that_is_gone() -> None:
    there = {(p.parent.name, p.name) for p in GOLDEN.glob("*/*") if p.is_dir()}
    assert {(e, t) for e, t in there if t in PLATFORMS} == set(CASES)
