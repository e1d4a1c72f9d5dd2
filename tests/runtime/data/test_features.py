"""Steps that learn do so from the training rows, and do the same to any others."""

from __future__ import annotations

import json

import pytest

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

from omniforce.runtime.data.features import Learning, learn, to_json  # noqa: E402
from omniforce.spec.blocks.data import (  # noqa: E402
    Encode,
    EncodeOptions,
    Impute,
    ImputeOptions,
    Rescale,
    ScaleOptions,
)

TRAINING = pd.DataFrame({"a": [1.0, 3.0, np.nan, 8.0], "w": ["x", "y", "y", None], "c": [2.0] * 4})
OTHERS = pd.DataFrame({"a": [np.nan, 11.0], "w": [None, "z"], "c": [2.0, 4.0]})


def done(step: Learning) -> dict[str, list[object]]:
    """What a step that learnt from `TRAINING` makes of `OTHERS`."""
    found: dict[str, list[object]] = learn(step, TRAINING).apply(OTHERS).to_dict("list")
    return found


@pytest.mark.parametrize(
    ("strategy", "a"), [("mean", 4.0), ("median", 3.0), ("most_frequent", 1.0)]
)
def test_impute_fills_with_what_the_training_rows_had(strategy: str, a: float) -> None:
    made = done(Impute(ImputeOptions(strategy)))  # type: ignore[arg-type]
    assert made == {"a": [a, 11.0], "w": ["y", "z"], "c": [2.0, 4.0]}


@pytest.mark.parametrize(
    ("method", "a", "c"), [("standard", 7 / 2.9439202888, 2.0), ("minmax", 10 / 7, 2.0)]
)
def test_scale_leaves_words_alone_and_only_shifts_a_constant(
    method: str, a: float, c: float
) -> None:
    made = done(Rescale(ScaleOptions(method)))  # type: ignore[arg-type]
    assert made["a"][1] == pytest.approx(a)
    assert made["w"] == [None, "z"]
    assert made["c"] == [0.0, c]


def test_onehot_makes_a_column_a_word_and_zeros_of_what_it_never_saw() -> None:
    made = done(Encode(EncodeOptions("onehot")))
    assert list(made) == ["a", "w=x", "w=y", "c"]
    assert (made["w=x"], made["w=y"]) == ([0.0, 0.0], [0.0, 0.0])
    again = learn(Encode(EncodeOptions("onehot")), TRAINING).apply(TRAINING)
    assert again["w=y"].tolist() == [0.0, 1.0, 1.0, 0.0]


def test_ordinal_makes_a_number_a_word_and_minus_one_of_what_it_never_saw() -> None:
    assert done(Encode(EncodeOptions("ordinal")))["w"] == [-1.0, -1.0]
    again = learn(Encode(EncodeOptions("ordinal")), TRAINING).apply(TRAINING)
    assert again["w"].tolist() == [0.0, 1.0, 1.0, -1.0]


def test_what_was_learnt_can_be_written_down() -> None:
    learnt = learn(Encode(EncodeOptions("onehot")), TRAINING)
    assert json.loads(to_json(learnt)) == {
        "step": "encoding",
        "words": [["w", ["x", "y"]]],
        "onehot": True,
    }
