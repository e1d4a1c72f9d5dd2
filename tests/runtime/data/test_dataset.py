"""Prepared data on disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from omniforce.runtime.data.dataset import Dataset, Part, read_facts  # noqa: E402
from omniforce.spec.problem import Problem  # noqa: E402


def dataset(value: float = 1.0) -> Dataset:
    part = Part(np.full((3, 2), value, dtype=np.float32), np.array([0, 1, 0]))
    return Dataset(part, part, part, "classification", ("a", "b"), ("u", "v"), ('{"step": "s"}',))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    dataset().write(tmp_path / "data")
    found = Dataset.open(tmp_path / "data")
    assert found.digest == dataset().digest
    assert (found.task, found.classes, found.feature_names) == (
        "classification",
        ("a", "b"),
        ("u", "v"),
    )
    np.testing.assert_array_equal(found.valid.x, dataset().valid.x)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "data.npz",
        "dataset.json",
    ]


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        dataset().write(tmp_path / name)
    for file in ("data.npz", "dataset.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    "other",
    [
        dataset(2.0),
        replace(dataset(), classes=("a", "c")),
        replace(dataset(), test=Part(np.zeros((0, 2), np.float32), np.zeros(0, np.int64))),
    ],
)
def test_the_digest_is_of_all_that_counts(other: Dataset) -> None:
    assert other.digest != dataset().digest


def test_writing_again_replaces_all_of_it(tmp_path: Path) -> None:
    dataset().write(tmp_path / "data")
    dataset(2.0).write(tmp_path / "data")
    assert Dataset.open(tmp_path / "data").digest == dataset(2.0).digest
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_where_nothing_was_prepared_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        Dataset.open(tmp_path)
    assert caught.value.diagnostic.code == "OFC724"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("data.npz", b""),
        ("data.npz", b"PK\x03\x04"),
        ("data.npz", None),
        ("dataset.json", b"{"),
        ("dataset.json", b"[]"),
        ("dataset.json", b'{"format": 99}'),
        ("dataset.json", b"\xff"),
    ],
)
def test_damage_is_told_with_the_way_out(tmp_path: Path, file: str, content: bytes | None) -> None:
    dataset().write(tmp_path / "data")
    path = tmp_path / "data" / file
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        Dataset.open(tmp_path / "data")
    assert caught.value.diagnostic.code == "OFC725"
    assert f"rm -r {tmp_path / 'data'}" in caught.value.diagnostic.help


def test_a_cut_file_of_arrays_is_damage(tmp_path: Path) -> None:
    dataset().write(tmp_path / "data")
    path = tmp_path / "data" / "data.npz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Problem) as caught:
        Dataset.open(tmp_path / "data")
    assert caught.value.diagnostic.code == "OFC725"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset().write(tmp_path / "data")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem) as caught:
        dataset(2.0).write(tmp_path / "data")
    assert caught.value.diagnostic.code == "OFC726"
    assert "No space left on device" in caught.value.diagnostic.message
    assert Dataset.open(tmp_path / "data").digest == dataset().digest
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_facts_are_read_without_arrays(tmp_path: Path) -> None:
    dataset().write(tmp_path / "data")
    (tmp_path / "data" / "data.npz").unlink()
    assert read_facts(tmp_path / "data").classes == ("a", "b")
