"""A small model without torch: two layers, ten columns, three classes."""

from __future__ import annotations

from pathlib import Path

import pytest

for extra in ("onnx", "onnxruntime"):
    pytest.importorskip(extra)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

Array = NDArray[np.float32]


def layers() -> tuple[Array, Array]:
    generator = np.random.default_rng(0)
    first = generator.normal(size=(10, 32)).astype(np.float32) / 3
    return first, generator.normal(size=(32, 3)).astype(np.float32) / 3


def expected(x: Array) -> Array:
    """What the model answers, by numpy."""
    first, second = layers()
    logits = np.maximum(x @ first, 0) @ second
    found: Array = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return found


@pytest.fixture
def x() -> Array:
    return np.random.default_rng(1).normal(size=(100, 10)).astype(np.float32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    first, second = layers()
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["input", "first"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("MatMul", ["active", "second"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "small",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 10])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(first, "first"), numpy_helper.from_array(second, "second")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    onnx.save(made, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """A model that has no weights to round: one stump."""
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["input"],
        ["prediction"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[0, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values=[0.0, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0],
        target_treeids=[0, 0],
        target_nodeids=[1, 2],
        target_ids=[0, 0],
        target_weights=[1.0, 2.0],
    )
    graph = helper.make_graph(
        [node],
        "stump",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 10])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch", 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    made = helper.make_model(graph, opset_imports=opsets)
    made.ir_version = 8
    onnx.save(made, tmp_path / "trees.onnx")
    return tmp_path / "trees.onnx"
