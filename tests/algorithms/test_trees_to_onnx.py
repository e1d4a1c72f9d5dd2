"""Boosted trees as an ONNX operator: a value on a threshold turns the same way."""

from __future__ import annotations

import numpy as np
import onnxruntime
from hypothesis import given
from hypothesis import strategies as st

from omniforce.stdlib_algorithms.tabular.learner.trees_to_onnx import Trees, _below, to_onnx

NODE = np.dtype(
    [
        ("value", "f8"),
        ("feature_idx", "i8"),
        ("num_threshold", "f8"),
        ("missing_go_to_left", "u1"),
        ("left", "u4"),
        ("right", "u4"),
        ("is_leaf", "u1"),
    ]
)


def stump(threshold: float, left: float, right: float) -> np.ndarray:
    """One question and two answers."""
    rows = [(0, 0, threshold, 1, 1, 2, 0), (left, 0, 0, 0, 0, 0, 1), (right, 0, 0, 0, 0, 0, 1)]
    return np.array(rows, dtype=NODE)


def answers(trees: Trees, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        to_onnx(trees, "out"), providers=["CPUExecutionProvider"]
    )
    found: np.ndarray = session.run(None, {"input": x.astype(np.float32)})[0]
    return found


def test_trees_add_up_from_the_baseline() -> None:
    trees = Trees([[stump(0.5, 1, 2)], [stump(1.5, 10, 20)]], np.array([100.0]), 1, 0)
    found = answers(trees, np.array([[0.0], [1.0], [2.0], [np.nan]]))
    assert found.tolist() == [[111.0], [112.0], [122.0], [111.0]]


def test_two_classes_have_one_score_and_three_have_three() -> None:
    two = answers(Trees([[stump(0.5, -1, 1)]], np.array([0.0]), 1, 2), np.array([[0.0], [1.0]]))
    three = answers(
        Trees([[stump(0.5, i, -i) for i in range(3)]], np.zeros(3), 1, 3), np.array([[0.0]])
    )
    one = 1 / (1 + np.exp(1.0))
    np.testing.assert_allclose(two, [[1 - one, one], [one, 1 - one]], rtol=1e-6)
    wanted = np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum()
    np.testing.assert_allclose(three, wanted[None], rtol=1e-6)


@given(st.floats(-1e30, 1e30), st.floats(-(2.0**99), 2.0**99, width=32))
def test_a_rounded_threshold_parts_float32_as_the_exact_one_does(
    threshold: float, x: float
) -> None:
    below = _below(np.array([threshold]))[0]
    assert float(below) <= threshold
    assert (x <= threshold) == (np.float32(x) <= below)
