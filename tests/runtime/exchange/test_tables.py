"""Trials and curves as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omniforce.runtime.exchange.table_file import write_table
from omniforce.runtime.exchange.trial_table import curve_table, trial_table
from omniforce.runtime.store.trial import Point
from omniforce.spec.problem import Problem

from .studies import START, Made, spec

SPACE = """
rate: 1e-4...1e-1 log
depth: 1...9
family: "{mlp, cnn}"
width: int 4...32 when family == cnn
bias: bool
mixed: "{1, two}"
"""
POINTS = [Point(0, "accuracy", 0.5), Point(1, "accuracy", 0.75)]


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Made]:
    made = Made(spec(SPACE, ["maximize accuracy", "require loss <= 1"]), tmp_path / "study.db")
    point = {"rate": 0.01, "depth": 3, "family": "mlp", "bias": True, "mixed": 1}
    made.run(point, {"accuracy": 0.875, "loss": 0.5}, POINTS)
    made.run({**point, "family": "cnn", "width": 8, "mixed": "two"}, None)
    made.propose({**point, "bias": False})
    yield made
    made.store.close()


COLUMNS = {
    "trial": "BIGINT",
    "state": "VARCHAR",
    "origin": "VARCHAR",
    "fate": "VARCHAR",
    "revision": "BIGINT",
    "round": "BIGINT",
    "attempt": "BIGINT",
    "proposed": "TIMESTAMP WITH TIME ZONE",
    "started": "TIMESTAMP WITH TIME ZONE",
    "finished": "TIMESTAMP WITH TIME ZONE",
    "seconds": "DOUBLE",
    "failure": "VARCHAR",
    "message": "VARCHAR",
    "rating": "DOUBLE",
    "feasible": "BOOLEAN",
    "parameter.rate": "DOUBLE",
    "parameter.depth": "BIGINT",
    "parameter.family": "VARCHAR",
    "parameter.width": "BIGINT",
    "parameter.bias": "BOOLEAN",
    "parameter.mixed": "VARCHAR",
    "metric.accuracy": "DOUBLE",
    "metric.loss": "DOUBLE",
}


def test_parquet_has_a_type_for_each_column(study: Made, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    place = tmp_path / "it's.parquet"
    write_table(trial_table(study.copy()), place)
    with duckdb.connect() as connection:
        table = connection.read_parquet(str(place))
        assert dict(zip(table.columns, map(str, table.types), strict=True)) == COLUMNS
        rows = table.select(
            'trial, state, failure, "parameter.rate", "parameter.width", "parameter.bias", '
            '"parameter.mixed", "metric.accuracy", epoch(started)'
        ).fetchall()
    assert rows == [
        (0, "completed", None, 0.01, None, True, "1", 0.875, START + 1),
        (1, "failed", "user-error", 0.01, 8, True, "two", None, START + 12),
        (2, "proposed", None, 0.01, None, False, "1", None, None),
    ]
    assert sorted(each.name for each in tmp_path.iterdir() if "study" not in each.name) == [
        "it's.parquet"
    ]


def test_csv_and_json_say_the_same(study: Made, tmp_path: Path) -> None:
    table = trial_table(study.copy())
    write_table(table, tmp_path / "t.csv")
    write_table(table, tmp_path / "t.json")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    plain = json.loads((tmp_path / "t.json").read_text())
    assert list(rows[0]) == list(plain[0]) == list(COLUMNS)
    began = datetime.fromtimestamp(START + 1, UTC).isoformat()
    assert (rows[0]["started"], plain[0]["started"]) == (began, began)
    assert (rows[0]["parameter.bias"], plain[0]["parameter.bias"]) == ("true", True)
    assert (rows[1]["message"], plain[1]["message"]) == ("ValueError: no", "ValueError: no")
    assert (rows[2]["metric.accuracy"], plain[2]["metric.accuracy"]) == ("", None)


def test_curves_have_a_row_for_each_figure(study: Made) -> None:
    table = curve_table(study.copy().curve)
    assert [column.name for column in table.columns] == [
        "trial",
        "attempt",
        "metric",
        "step",
        "value",
        "at",
    ]
    assert [row[:5] for row in table.rows] == [
        (0, 1, "accuracy", 0, 0.5),
        (0, 1, "accuracy", 1, 0.75),
    ]


@pytest.mark.parametrize(
    ("name", "code"), [("t.xlsx", "OFC791"), ("t", "OFC791"), ("nowhere/t.csv", "OFC701")]
)
def test_a_file_that_cannot_be_is_a_problem(
    study: Made, tmp_path: Path, name: str, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        write_table(trial_table(study.copy()), tmp_path / name)
    assert refused.value.diagnostic.code == code


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(
    study: Made, tmp_path: Path
) -> None:
    place = tmp_path / "t.csv"
    place.write_text("mine")
    with pytest.raises(Problem) as refused:
        write_table(trial_table(study.copy()), place)
    assert (refused.value.diagnostic.code, place.read_text()) == ("OFC702", "mine")
    write_table(trial_table(study.copy()), place, force=True)
    assert place.read_text().startswith("trial,state")
