"""From a spec's `data` to arrays on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("pandas")
pytest.importorskip("sklearn")
pytest.importorskip("duckdb")

from omniforce.runtime.data.dataset import Dataset  # noqa: E402
from omniforce.runtime.data.prepare import prepare  # noqa: E402
from omniforce.spec.blocks.data import (  # noqa: E402
    Encode,
    EncodeOptions,
    Impute,
    ImputeOptions,
    Rescale,
    ScaleOptions,
    Split,
    Sql,
)
from omniforce.spec.problem import Problem  # noqa: E402

from .steps import step  # noqa: E402

SCALE = Rescale(ScaleOptions())


def test_digits_become_images_with_ten_classes(tmp_path: Path) -> None:
    data = prepare(step("sklearn://digits", split=Split(stratify=True)), tmp_path / "data")
    assert data.train.x.shape == (1078, 1, 8, 8)
    assert data.train.x.dtype == np.float32
    assert (len(data.valid), len(data.test)) == (362, 357)
    assert data.classes == tuple("0123456789")
    assert data.task == "classification"
    assert set(data.train.y.tolist()) == set(range(10))


def test_a_regression_has_no_classes_and_learns_its_scale_from_training_rows(
    tmp_path: Path,
) -> None:
    query = Sql("select *, bmi * bp as both from data")
    data = prepare(step("sklearn://diabetes", query, SCALE), tmp_path / "data")
    assert (data.task, data.classes, data.train.y.dtype) == ("regression", (), np.float32)
    assert data.feature_names[-1] == "both"
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.x.std(axis=0), 1, atol=1e-4)
    assert abs(data.valid.x.mean(axis=0)).max() > 1e-3


@pytest.mark.parametrize(
    ("column", "classes"),
    [
        ("b\na\nb\na\nb\na", ("a", "b")),
        ("true\nfalse\ntrue\nfalse\ntrue\nfalse", ("False", "True")),
        ("10\n9\n10\n9\n10\n9", ("9", "10")),
        ("1.5\n2.5\n1.5\n2.5\n1.5\n2.5", ()),
    ],
)
def test_the_values_of_the_target_say_whether_it_has_classes(
    tmp_path: Path, column: str, classes: tuple[str, ...]
) -> None:
    rows = "\n".join(f"{i},{word}" for i, word in enumerate(column.split("\n")))
    (tmp_path / "t.csv").write_text(f"a,y\n{rows}\n")
    wanted = step("file://t.csv", target="y", split=Split(0.5, 0.5, 0.0, stratify=bool(classes)))
    assert prepare(wanted, tmp_path / "data", tmp_path).classes == classes


def test_many_whole_numbers_are_a_number_to_predict_until_sql_says_otherwise(
    tmp_path: Path,
) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i % 30}\n" for i in range(300)))
    plain = step("file://t.csv", target="y")
    cast = step(
        "file://t.csv",
        Sql("select a, cast(y as varchar) as y from data"),
        target="y",
        split=Split(stratify=True),
    )
    assert prepare(plain, tmp_path / "plain", tmp_path).task == "regression"
    assert len(prepare(cast, tmp_path / "cast", tmp_path).classes) == 30


def test_holes_and_words_become_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "age,city,y\n" + "1,rome,0.5\n,oslo,1.5\n3,,2.5\n4,rome,3.5\n5,oslo,4.5\n"
    )
    made = prepare(
        step(
            "file://t.csv",
            Impute(ImputeOptions()),
            Encode(EncodeOptions()),
            target="y",
            split=Split(0.6, 0.2, 0.2),
        ),
        tmp_path / "data",
        tmp_path,
    )
    assert made.feature_names[0] == "age"
    assert all(name.startswith("city=") for name in made.feature_names[1:])
    assert np.isfinite(np.concatenate([made.train.x, made.valid.x, made.test.x])).all()


def test_the_same_request_is_read_and_not_made_again(tmp_path: Path) -> None:
    wanted = step("sklearn://iris", SCALE)
    first = prepare(wanted, tmp_path / "data")
    before = (tmp_path / "data" / "data.npz").stat().st_mtime_ns
    again = prepare(wanted, tmp_path / "data")
    assert (tmp_path / "data" / "data.npz").stat().st_mtime_ns == before
    assert again.digest == first.digest == Dataset.open(tmp_path / "data").digest


def test_another_request_or_other_bytes_are_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,y\n" + "".join(f"{i},{i}.5\n" for i in range(10)))
    wanted = step("file://t.csv", target="y")
    first = prepare(wanted, tmp_path / "data", tmp_path).digest
    file.write_text("a,y\n" + "".join(f"{i},{i}.25\n" for i in range(10)))
    second = prepare(wanted, tmp_path / "data", tmp_path).digest
    third = prepare(step("file://t.csv", SCALE, target="y"), tmp_path / "data", tmp_path).digest
    assert len({first, second, third}) == 3
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_damaged_data_is_made_anew_on_the_next_run(tmp_path: Path) -> None:
    wanted = step("sklearn://iris")
    digest = prepare(wanted, tmp_path / "data").digest
    (tmp_path / "data" / "dataset.json").write_text("{")
    assert prepare(wanted, tmp_path / "data").digest == digest


def test_the_digest_is_of_values_and_not_of_the_way_there(tmp_path: Path) -> None:
    one = prepare(step("sklearn://iris"), tmp_path / "one")
    two = prepare(step("sklearn://iris", Sql("select * from data")), tmp_path / "two")
    assert one.digest == two.digest
    assert one.request != two.request


@pytest.mark.parametrize(
    ("text", "features", "code", "message"),
    [
        ("a,y\n1,0.5\n2,\n", (), "OFC729", "target `y` is missing in 1 of 2 rows"),
        ("a,y\n1,k\n2,k\n", (), "OFC729", "target `y` is `k` in all rows"),
        ("a,y\nu,0.5\nv,1.5\nw,2.5\n", (), "OFC729", "column `a` has words"),
        ("a,y\n2020-01-01,0.5\n2021-01-01,1.5\n2022-01-01,2.5\n", (), "OFC729", "times"),
        ("a,y\n1,0.5\n,1.5\n3,2.5\n", (), "OFC729", "column `a` is missing or infinite in 1 of 3"),
        ("y\n0.5\n1.5\n2.5\n", (), "OFC729", "no column is left"),
        ("a,y\n1,0.5\n2,1.5\n", (SCALE, Sql("select * from data")), "OFC728", "SQL step stands"),
    ],
)
def test_what_no_model_can_learn_from_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path, text: str, features: tuple[Sql | Rescale, ...], code: str, message: str
) -> None:
    (tmp_path / "t.csv").write_text(text)
    wanted = step("file://t.csv", *features, target="y", split=Split(0.4, 0.3, 0.3))
    with pytest.raises(Problem) as caught:
        prepare(wanted, tmp_path / "data", tmp_path)
    assert caught.value.diagnostic.code == code
    assert message in caught.value.diagnostic.message
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
