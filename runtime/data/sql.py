"""SQL steps: a query over the table `data`, in a DuckDB that can reach nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omniforce.spec.problem import Problem

from ..trial.load import missing_module
from .table import Table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

ORDERLY: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # one thread keeps the rows in order, so that a seed always splits alike
    "preserve_insertion_order": True,
    "temp_directory": "",  # what does not fit into memory is refused, and not put on the disk
}
LOCKED = (  # a spec may come from a stranger
    "set enable_external_access = false",
    "set lock_configuration = true",
)


def run(query: str, table: Table) -> Table:
    """The table that the query makes, row for row.

    Whatever it computes over several rows (an aggregate, a window) sees all of them, those kept
    for validation and test as well.

    Raises:
        Problem: OFC727 where DuckDB refuses the query; OFC728 where the result has other rows,
            or no target any more.
    """
    try:
        import duckdb
    except ImportError as error:
        raise missing_module(error) from error
    with duckdb.connect(":memory:", config=ORDERLY) as connection:
        connection.register("data_frame", table.frame)
        connection.execute("create table data as select * from data_frame")
        connection.unregister("data_frame")
        connection.execute("select setseed(0.0)")  # a query with `random()` says the same again
        for setting in LOCKED:
            connection.execute(setting)
        frame = _result(connection, query)
    if len(frame) != len(table.frame):
        raise Problem(
            "OFC728",
            f"the SQL step makes {len(frame)} rows of {len(table.frame)}; it must keep each one",
            "compute columns only, as in `select *, a / nullif(b, 0) as ratio from data`; "
            "filter rows before they come here",
        )
    if table.target not in frame.columns:
        raise Problem(
            "OFC728",
            f"the SQL step drops the target `{table.target}`",
            f"add `{table.target}` to what it selects",
        )
    same = tuple(str(name) for name in frame.columns) == tuple(table.frame.columns)
    return replace(table, frame=frame, sample_shape=table.sample_shape if same else None)


def _result(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    import duckdb

    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Problem(
                "OFC727",
                "the SQL step is not one query",
                "write one `select ... from data`",
            )
        frame: pd.DataFrame = connection.execute(statements[0]).df()
        return frame
    except duckdb.Error as error:
        raise Problem(
            "OFC727",
            f"the SQL step fails: {_first_line(error)}",
            "it is DuckDB's SQL over the one table `data`; files and other tables are out of reach",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
