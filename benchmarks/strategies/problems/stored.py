"""Where the tables lie, and how they are read."""

from __future__ import annotations

from pathlib import Path

from omniforce.spec.expression.tree import Value

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def read(query: str) -> list[tuple[Value, ...]]:
    """The rows of a query over the tables; needs duckdb."""
    import duckdb

    with duckdb.connect() as connection:
        rows: list[tuple[Value, ...]] = connection.execute(query).fetchall()
    return rows
