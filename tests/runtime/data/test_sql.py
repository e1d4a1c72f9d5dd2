"""SQL steps: rows stay rows, and nothing but the table is in reach."""

from __future__ import annotations

from pathlib import Path

import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("duckdb")

from omniforce.runtime.data.sql import run  # noqa: E402
from omniforce.runtime.data.table import Table  # noqa: E402
from omniforce.spec.problem import Problem  # noqa: E402


def table(rows: int = 4) -> Table:
    frame = pd.DataFrame({"a": range(rows, 0, -1), "y": [float(i) for i in range(rows)]})
    return Table(frame, "y", sample_shape=(1, 1, 1))


def test_a_query_adds_columns_and_keeps_the_rows_in_order() -> None:
    made = run("select *, a * 2 as twice from data", table(20_000))
    assert made.columns == ("a", "twice")
    assert made.frame["a"].tolist() == list(range(20_000, 0, -1))


def test_a_window_over_all_rows_is_joined_to_each() -> None:
    made = run("select y, sum(a) over () as total from data", table())
    assert made.frame["total"].tolist() == [10, 10, 10, 10]


def test_images_stay_images_only_while_their_columns_do() -> None:
    assert run("select a + 1 as a, y from data", table()).sample_shape == (1, 1, 1)
    assert run("select *, 1 as one from data", table()).sample_shape is None


def test_chance_falls_the_same_way_each_time() -> None:
    query = "select *, random() as r from data order by random()"
    pd.testing.assert_frame_equal(run(query, table()).frame, run(query, table()).frame)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("select * from data where a > 2", "OFC728", "makes 2 rows of 4"),
        ("select * from data, data as d", "OFC728", "makes 16 rows of 4"),
        ("select a from data", "OFC728", "drops the target `y`"),
        ("select * from dat", "OFC727", "Table with name dat does not exist"),
        ("select b from data", "OFC727", "b"),
        ("selec * from data", "OFC727", "syntax error"),
        ("", "OFC727", "not one query"),
        ("select 1; select * from data", "OFC727", "not one query"),
        ("drop table data", "OFC727", "not one query"),
        ("insert into data values (1, 2)", "OFC727", "not one query"),
    ],
)
def test_a_wrong_query_is_a_clear_error(query: str, code: str, message: str) -> None:
    with pytest.raises(Problem) as caught:
        run(query, table())
    assert caught.value.diagnostic.code == code
    assert message in caught.value.diagnostic.message
    assert "\n" not in caught.value.diagnostic.message


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('{secret}')",
        "select * from '{secret}'",
        "select * from read_csv('{secret}')",
        "select * from read_text('https://example.org/')",
        "select * from glob('/*')",
        "select *, getenv('HOME') from data",
        "select * from frame",
        "copy data to '{secret}'",
        "attach '{secret}' as other",
        "install httpfs",
        "load json",
        "set enable_external_access = true",
        "select * from query('set lock_configuration = false')",
    ],
)
def test_a_strangers_query_reaches_nothing_but_the_table(tmp_path: Path, query: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,y\n1,2\n1,2\n1,2\n1,2\n")
    frame = table().frame  # a variable that DuckDB must not find
    with pytest.raises(Problem):
        run(query.format(secret=secret), table())
    assert secret.read_text().startswith("a,y")
    assert len(frame) == 4
