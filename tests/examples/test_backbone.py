"""The class of `examples/paper-listing-2`, on points of its own search space."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

for extra in ("torch", "sklearn", "onnxruntime"):
    pytest.importorskip(extra)

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from omniforce.compiler.ir.program import Prepare  # noqa: E402
from omniforce.runtime.data.prepare import prepare  # noqa: E402
from omniforce.spec.blocks.data import Split  # noqa: E402
from omniforce.spec.load import load  # noqa: E402
from omniforce.spec.read_source import read_source  # noqa: E402
from omniforce.spec.source import Source  # noqa: E402
from omniforce.stdlib_algorithms.estimator import Estimator  # noqa: E402

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper-listing-2"


@pytest.fixture
def backbone(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return importlib.import_module("backbone")


def test_it_trains_and_exports_blocks_of_both_kinds(backbone: ModuleType, tmp_path: Path) -> None:
    split = Split(0.2, 0.1, 0.7, stratify=True)
    data = Prepare(name="prepare", source="sklearn://digits", target="label", split=split)
    prepare(data, tmp_path / "data")
    point = {
        "backbone_nums_block": 3,
        "block_type": ["resnet", "transformer", "resnet"],
        "nums_layer": [2, None, 1],
        "nums_channel": [[16, 16], None, [8]],
        "mlp_expend_ratio": [None, 2, None],
    }
    made = backbone.Backbone(str(tmp_path / "data"), False, 1, epochs=3, **point)
    assert isinstance(made, Estimator)
    assert made.run() > 0.15  # ten classes: chance is 0.1
    made.export_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(
        str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    x = made.data.valid.x[:5]
    np.testing.assert_allclose(session.run(None, {"input": x})[0], made.predict(x), atol=1e-5)


def test_the_spec_names_what_the_class_reads(backbone: ModuleType) -> None:
    source = read_source(str(EXAMPLE / "omniforce.yaml"))
    assert isinstance(source, Source)
    loaded = load(source)
    assert loaded.diagnostics == ()
    assert loaded.study is not None
    algorithm = loaded.study.spec.algorithm
    assert algorithm.estimator == f"backbone:{backbone.Backbone.__name__}"
    searched = {coordinate.name for coordinate in loaded.study.spec.search_space}
    assert searched == set(algorithm.parameters)
