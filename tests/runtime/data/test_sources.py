"""Where data comes from, and what is said where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")
duckdb = pytest.importorskip("duckdb")

from omniforce.runtime.data.sources import BUNDLED, fingerprint, read  # noqa: E402
from omniforce.spec.blocks import data  # noqa: E402
from omniforce.spec.problem import Problem  # noqa: E402


@pytest.mark.parametrize(
    ("name", "rows", "columns", "target"),
    [
        ("breast_cancer", 569, 30, "diagnosis"),
        ("diabetes", 442, 10, "progression"),
        ("digits", 1797, 64, "label"),
        ("iris", 150, 4, "species"),
        ("wine", 178, 13, "cultivar"),
    ],
)
def test_a_bundled_set_is_read_without_network(
    name: str, rows: int, columns: int, target: str
) -> None:
    table = read(f"sklearn://{name}", None, Path())
    assert (len(table.frame), len(table.columns), table.target) == (rows, columns, target)


def test_every_bundled_set_is_tested_above() -> None:
    assert set(BUNDLED) == {"breast_cancer", "diabetes", "digits", "iris", "wine"}


def test_the_language_knows_the_bundled_sets() -> None:
    assert tuple(BUNDLED) == data.BUNDLED


def test_names_can_be_written_in_sql_without_quotes() -> None:
    table = read("sklearn://iris", None, Path())
    assert table.columns == (
        "sepal_length_cm",
        "sepal_width_cm",
        "petal_length_cm",
        "petal_width_cm",
    )


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_a_table_is_read_in_the_order_of_its_rows(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"a": [3, 1, 2], "word": ["x", "y", "z"], "y": [0.5, 1.5, 2.5]})
    path = tmp_path / f"table.{ending}"
    if ending == "parquet":
        duckdb.sql("select * from frame").write_parquet(str(path))
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    table = read(f"file://table.{ending}", "y", tmp_path)
    pd.testing.assert_frame_equal(table.frame, frame, check_dtype=False)


def test_a_whole_path_is_taken_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,2\n")
    assert read(f"file://{tmp_path}/t.csv", "y", Path("elsewhere")).columns == ("a",)


def test_arrays_of_images_keep_their_shape(tmp_path: Path) -> None:
    images = np.arange(48, dtype=np.float32).reshape(3, 1, 4, 4)
    np.savez(tmp_path / "images.npz", x=images, label=np.array(["a", "b", "a"]))
    table = read("file://images.npz", "label", tmp_path)
    assert table.sample_shape == (1, 4, 4)
    np.testing.assert_array_equal(
        table.frame[list(table.columns)].to_numpy(), images.reshape(3, 16)
    )


def test_arrays_of_objects_are_not_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", x=np.array([{"a": 1}], dtype=object), y=np.zeros(1))
    with pytest.raises(Problem) as caught:
        read("file://evil.npz", "y", tmp_path)
    assert caught.value.diagnostic.code == "OFC722"


@pytest.mark.parametrize(
    ("source", "target", "code", "message", "help_"),
    [
        ("s3://bucket/t.csv", "y", "OFC720", "nothing on this machine reads `s3://`", "file://"),
        ("sklearn://digit", None, "OFC721", "no data set `sklearn://digit`", "`sklearn://digits`"),
        ("sklearn://california", None, "OFC721", "no data set", "`sklearn://wine`"),
        ("file://none.csv", "y", "OFC721", "there is no file", "beside the spec"),
        ("file://folder.csv", "y", "OFC721", "it is a folder", "beside the spec"),
        ("file://t.xlsx", "y", "OFC722", "no format that is read here", "`.parquet`"),
        ("file://broken.npz", "y", "OFC722", "cannot be read", "mend the file"),
        ("file://broken.parquet", "y", "OFC722", "cannot be read", "mend the file"),
        ("file://t.csv", None, "OFC723", "nothing says which column", "target: <column>"),
        ("file://t.csv", "yy", "OFC723", "has no column `yy`", "did you mean `y`?"),
        ("file://t.csv", "other", "OFC723", "has no column `other`", "it has `a`, `y`"),
        ("sklearn://digits", "lable", "OFC723", "has no column `lable`", "`label`"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(
    tmp_path: Path, source: str, target: str | None, code: str, message: str, help_: str
) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,2\n")
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    (tmp_path / "broken.npz").write_bytes(b"PK")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Problem) as caught:
        read(source, target, tmp_path)
    found = caught.value.diagnostic
    assert found.code == code
    assert message in found.message
    assert help_ in found.help


def test_the_fingerprint_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,2\n")
    before = fingerprint("file://t.csv", tmp_path)
    (tmp_path / "t.csv").write_text("a,y\n1,3\n")
    assert fingerprint("file://t.csv", tmp_path) != before
