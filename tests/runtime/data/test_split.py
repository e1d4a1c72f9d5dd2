"""Which row goes where."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from omniforce.runtime.data.split import divide  # noqa: E402
from omniforce.spec.blocks.data import Split  # noqa: E402
from omniforce.spec.problem import Problem  # noqa: E402


@given(
    count=st.integers(20, 300),
    train=st.sampled_from([0.5, 0.6, 0.7]),
    seed=st.integers(0, 2**32 - 1),
    stratify=st.booleans(),
)
def test_every_row_is_in_exactly_one_part(
    count: int, train: float, seed: int, stratify: bool
) -> None:
    split = Split(train, 0.9 - train, 0.1, stratify=stratify, seed=seed)
    labels = np.arange(count) % 2
    rows = divide(split, count, labels)
    together = np.concatenate([rows.train, rows.valid, rows.test])
    assert sorted(together.tolist()) == list(range(count))
    assert abs(len(rows.train) - train * count) <= 2


def test_the_same_seed_divides_alike_and_another_does_not() -> None:
    labels = np.arange(100) % 3
    first, again, other = (divide(Split(seed=s), 100, labels).train.tolist() for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_stratified_parts_have_the_classes_in_their_shares() -> None:
    labels = np.array([0] * 80 + [1] * 20)
    rows = divide(Split(0.5, 0.25, 0.25, stratify=True), 100, labels)
    shares = [labels[part].mean() for part in (rows.train, rows.valid, rows.test)]
    assert shares == [0.2, 0.2, 0.2]


def test_a_test_part_without_a_share_is_empty() -> None:
    rows = divide(Split(0.8, 0.2, 0.0), 10, None)
    assert (len(rows.train), len(rows.valid), len(rows.test)) == (8, 2, 0)


@pytest.mark.parametrize(
    ("split", "count", "labels", "message"),
    [
        (Split(), 2, None, "2 rows are too few: none is left for `test`"),
        (Split(stratify=True), 10, None, "`stratify` keeps the shares of classes"),
        (Split(0.5, 0.5, 0.0, seed=1), 4, [0, 1, 2, 3], "2 of the 4 classes have no row"),
    ],
)
def test_what_cannot_be_divided_is_a_clear_error(
    split: Split, count: int, labels: list[int] | None, message: str
) -> None:
    with pytest.raises(Problem) as caught:
        divide(split, count, None if labels is None else np.array(labels))
    assert caught.value.diagnostic.code == "OFC730"
    assert message in caught.value.diagnostic.message
