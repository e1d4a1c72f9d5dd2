"""Prepared data for algorithms, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

for extra in ("torch", "sklearn", "duckdb", "onnxruntime", "onnx"):
    pytest.importorskip(extra)

from omniforce.compiler.ir.program import Prepare  # noqa: E402
from omniforce.runtime.data.prepare import prepare  # noqa: E402
from omniforce.spec.blocks.data import Split  # noqa: E402


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The directory of each bundled set."""
    root = tmp_path_factory.mktemp("prepared")
    for name in ("breast_cancer", "diabetes", "digits", "wine"):
        split = Split(stratify=name != "diabetes", seed=7)
        source = f"sklearn://{name}"
        prepare(Prepare(name="prepare", source=source, target=None, split=split), root / name)
    return {path.name: path for path in root.iterdir()}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests of a conformance class on each of its trials."""
    if "trial" in metafunc.fixturenames and metafunc.cls is not None:
        metafunc.parametrize("trial", sorted(metafunc.cls.trials), indirect=True)
