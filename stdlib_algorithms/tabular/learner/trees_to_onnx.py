"""Boosted trees as one ONNX operator.

Written here because skl2onnx 1.20, the usual way, hands numbers to protobuf that it refuses, and
because its thresholds are rounded to the nearest float32: a value that lies on one could then
turn the other way than in scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

IR_VERSION = 8
OPSETS = {"": 17, "ai.onnx.ml": 3}


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A boosted model in plain arrays.

    Attributes:
        rounds: of each round its trees, one a score; a tree is an array of nodes with the fields
            `value`, `feature_idx`, `num_threshold`, `missing_go_to_left`, `left`, `right` and
            `is_leaf`, scikit-learn's own.
        baseline: what the scores start from, one each.
        columns: of a row.
        classes: 0 for a regression, which has one score; two classes have one, more have one each.
    """

    rounds: Sequence[Sequence[NDArray[np.void]]]
    baseline: NDArray[np.float64]
    columns: int
    classes: int


def to_onnx(trees: Trees, output: str) -> bytes:
    """The model, from `input`, n x columns, to `output`, n x 1 or n x classes."""
    outputs = trees.classes or 1
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            ["input"],
            ["scores"],
            domain="ai.onnx.ml",
            n_targets=len(trees.baseline),
            base_values=[float(value) for value in trees.baseline],
            post_transform="NONE",
            **_attributes(trees.rounds),
        ),
        *_from_scores(trees.classes, output),
    ]
    graph = helper.make_graph(
        nodes,
        "boosting",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", trees.columns])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", outputs])],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])] if trees.classes == 2 else [],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="omniforce")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _from_scores(classes: int, output: str) -> list[onnx.NodeProto]:
    if not classes:
        return [helper.make_node("Identity", ["scores"], [output])]
    if classes > 2:
        return [helper.make_node("Softmax", ["scores"], [output], axis=1)]
    return [
        helper.make_node("Sigmoid", ["scores"], ["second"]),
        helper.make_node("Sub", ["one", "second"], ["first"]),
        helper.make_node("Concat", ["first", "second"], [output], axis=1),
    ]


def _attributes(rounds: Sequence[Sequence[NDArray[np.void]]]) -> dict[str, Any]:
    """The operator's parallel lists, over all nodes of all trees."""
    found: dict[str, list[Any]] = {name: [] for name in (*_NODE, *_LEAF)}
    flat = [(score, tree) for trees in rounds for score, tree in enumerate(trees)]
    for number, (score, tree) in enumerate(flat):
        leaf = tree["is_leaf"].astype(bool)
        thresholds = np.where(leaf, 0.0, tree["num_threshold"])
        found["nodes_treeids"] += [number] * len(tree)
        found["nodes_nodeids"] += list(range(len(tree)))
        found["nodes_featureids"] += _integers(np.where(leaf, 0, tree["feature_idx"]))
        found["nodes_modes"] += ["LEAF" if end else "BRANCH_LEQ" for end in leaf]
        found["nodes_values"] += _below(thresholds).tolist()
        found["nodes_truenodeids"] += _integers(np.where(leaf, 0, tree["left"]))
        found["nodes_falsenodeids"] += _integers(np.where(leaf, 0, tree["right"]))
        found["nodes_missing_value_tracks_true"] += _integers(tree["missing_go_to_left"])
        ends = np.flatnonzero(leaf).tolist()
        found["target_treeids"] += [number] * len(ends)
        found["target_nodeids"] += ends
        found["target_ids"] += [score] * len(ends)
        found["target_weights"] += [float(value) for value in tree["value"][leaf]]
    return found


_NODE = (
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_featureids",
    "nodes_modes",
    "nodes_values",
    "nodes_truenodeids",
    "nodes_falsenodeids",
    "nodes_missing_value_tracks_true",
)
_LEAF = ("target_treeids", "target_nodeids", "target_ids", "target_weights")


def _integers(values: NDArray[Any]) -> list[int]:
    return [int(value) for value in values]


def _below(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The greatest float32 not above each threshold.

    For a float32 `x`, `x <= threshold` and `x <= below(threshold)` are the same.
    """
    near = thresholds.astype(np.float32)
    lower = np.nextafter(near, np.float32(-np.inf))
    return np.where(near > thresholds, lower, near).astype(np.float32)
