"""A table as a file: Parquet, CSV or JSON, complete before it takes its name."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from omniforce.spec.problem import Problem

from ..trial.disk import disk_full, is_full
from .trial_table import Cell, Kind, Table, plain_row

_SQL: Mapping[Kind, str] = {
    "whole": "BIGINT",
    "number": "DOUBLE",
    "truth": "BOOLEAN",
    "text": "VARCHAR",
    "time": "TIMESTAMPTZ",
}


def write_table(table: Table, place: Path, force: bool = False) -> None:
    """Writes a table in the form that the file's name ends with.

    Args:
        table: what is written.
        place: ends with one of `FORMATS`.
        force: takes the place of a file that is there.

    Raises:
        Problem: the name ends otherwise, there is such a file, or it cannot be written.
    """
    form = FORMATS.get(place.suffix.lower())
    if form is None:
        raise Problem(
            "OFC791",
            f"`{place.name}` is no file that trials can be written to",
            f"let it end with {', '.join(FORMATS)}, or write a storage such as "
            "`sqlite:///optuna.db`",
        )
    if place.exists() and not force:
        raise Problem("OFC702", f"`{place}` exists already", "add `--force` to replace it")
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        os.close(handle)
        partial = Path(name)
        partial.chmod(0o666 & ~_umask())
        form(table, partial)
        partial.replace(place)
    except OSError as error:
        if is_full(error):
            raise disk_full(str(place)) from error
        raise Problem(
            "OFC701",
            f"`{place}` cannot be written: {error.strerror or error}",
            "name a file in a folder that exists and that you may write to",
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_csv(table: Table, place: Path) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows([_text(cell) for cell in row] for row in table.rows)


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case datetime():
            return cell.isoformat()
        case _:
            return str(cell)


def _write_json(table: Table, place: Path) -> None:
    rows = [plain_row(table, row) for row in table.rows]
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    place.write_text(text + "\n", encoding="utf-8", errors="surrogatepass")


def _write_parquet(table: Table, place: Path) -> None:
    """DuckDB writes it, out of lines of JSON: it takes no row at a time at any speed."""
    import duckdb

    lines = place.with_name(f"{place.name}.lines")
    try:
        with lines.open("w", encoding="utf-8") as file:
            for row in table.rows:
                cells = {
                    f"c{i}": cell.isoformat() if isinstance(cell, datetime) else cell
                    for i, cell in enumerate(row)
                }
                file.write(json.dumps(cells) + "\n")
        kinds = ", ".join(f"c{i}: '{_SQL[c.kind]}'" for i, c in enumerate(table.columns))
        named = ", ".join(f"c{i} AS {_quoted(c.name)}" for i, c in enumerate(table.columns))
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(
                f"COPY (SELECT {named} FROM read_json({_string(lines)}, "  # noqa: S608 - quoted
                f"format = 'newline_delimited', columns = {{{kinds}}})) "
                f"TO {_string(place)} (FORMAT parquet)"
            )
    except duckdb.Error as error:
        raise OSError(str(error)) from error
    finally:
        lines.unlink(missing_ok=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _string(place: Path) -> str:
    return "'" + str(place).replace("'", "''") + "'"


FORMATS: Mapping[str, Callable[[Table, Path], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".json": _write_json,
}
"""How a table is written, by the end of the file's name."""
