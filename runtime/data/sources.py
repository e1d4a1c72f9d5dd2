"""Where data comes from on this machine: the sets that scikit-learn brings, and files."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from omniforce.spec.problem import Problem
from omniforce.spec.readers import nearest, or_list

from ..trial.load import missing_module
from .table import Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Bundled:
    """A set inside scikit-learn.

    Attributes:
        loader: the function in `sklearn.datasets`.
        target: what its target column is called here; scikit-learn calls every one `target`.
        sample_shape: channels, height and width, where its rows are images.
    """

    loader: str
    target: str
    sample_shape: tuple[int, ...] | None = None


BUNDLED: Mapping[str, Bundled] = {
    "breast_cancer": Bundled("load_breast_cancer", "diagnosis"),
    "diabetes": Bundled("load_diabetes", "progression"),
    "digits": Bundled("load_digits", "label", (1, 8, 8)),
    "iris": Bundled("load_iris", "species"),
    "wine": Bundled("load_wine", "cultivar"),
}
"""The sets that need no network, by their name in `sklearn://name`."""

FORMATS = (".csv", ".tsv", ".parquet", ".npz")


def read(source: str, target: str | None, base: Path) -> Table:
    """The table behind a source's URI.

    Args:
        source: as the spec has it.
        target: the column to learn; None for a bundled set means its own.
        base: the folder that a relative path starts from, the spec's own.

    Raises:
        Problem: OFC720 to OFC723, with what can be read here instead.
    """
    scheme, _, rest = source.partition("://")
    match scheme:
        case "sklearn":
            return _bundled(rest, target)
        case "file":
            return _file(_path(rest, base), target)
        case _:
            raise _elsewhere(source, scheme)


def fingerprint(source: str, base: Path) -> str:
    """A digest of the bytes behind a source, to tell whether they changed since.

    Raises:
        Problem: OFC720 or OFC721 where there are none.
    """
    scheme, _, rest = source.partition("://")
    match scheme:
        case "sklearn":
            return source  # it changes with scikit-learn's releases only, and never did yet
        case "file":
            with _existing(_path(rest, base)).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        case _:
            raise _elsewhere(source, scheme)


def _elsewhere(source: str, scheme: str) -> Problem:
    return Problem(
        "OFC720",
        f"`{source}` cannot be read here: nothing on this machine reads `{scheme}://`",
        "copy the data here and write `source: file://data.csv`, or use a set that comes with "
        f"scikit-learn: {or_list(tuple(f'sklearn://{name}' for name in BUNDLED))}",
    )


def _bundled(name: str, target: str | None) -> Table:
    known = BUNDLED.get(name)
    if known is None:
        meant = nearest(name, BUNDLED)
        raise Problem(
            "OFC721",
            f"there is no data set `sklearn://{name}`",
            f"did you mean `sklearn://{meant}`?"
            if meant
            else f"write {or_list(tuple(f'sklearn://{each}' for each in BUNDLED))}",
        )
    try:
        import sklearn.datasets
    except ImportError as error:
        raise missing_module(error) from error
    bunch = getattr(sklearn.datasets, known.loader)(as_frame=True)
    frame = bunch.frame.rename(columns={"target": known.target})
    names = getattr(bunch, "target_names", None)
    if names is not None:  # classes have names, a number to predict has none
        frame[known.target] = [str(names[code]) for code in bunch.target]
    frame.columns = [_plain(str(column)) for column in frame.columns]
    wanted = target or known.target
    _require(frame, wanted, f"sklearn://{name}")
    return Table(frame, wanted, known.sample_shape if wanted == known.target else None)


def _plain(column: str) -> str:
    """A name that SQL takes without quotes: `sepal length (cm)` becomes `sepal_length_cm`."""
    words = "".join(letter if letter.isalnum() else " " for letter in column).split()
    return "_".join(words)


def _path(rest: str, base: Path) -> Path:
    """`file://data.csv` is relative to the spec, `file:///data.csv` absolute."""
    return base / unquote(rest)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise Problem(
            "OFC721",
            f"there is no file `{path}`" + (": it is a folder" if path.is_dir() else ""),
            "`file://data.csv` is looked for beside the spec, `file:///srv/data.csv` from the root",
        )
    return path


def _file(path: Path, target: str | None) -> Table:
    _existing(path)
    if path.suffix not in FORMATS:
        raise Problem(
            "OFC722",
            f"`{path.name}` is in no format that is read here",
            f"its name must end in {or_list(FORMATS)}",
        )
    if target is None:
        raise Problem(
            "OFC723",
            f"nothing says which column of `{path.name}` is to be learnt",
            "add `target: <column>` under `data`",
        )
    if path.suffix == ".npz":
        return _arrays(path, target)
    frame = _frame(path)
    _require(frame, target, str(path))
    return Table(frame, target)


def _frame(path: Path) -> pd.DataFrame:
    """By DuckDB, with threads off so that the order of the rows is that of the file."""
    try:
        import duckdb
    except ImportError as error:
        raise missing_module(error) from error
    read = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        try:
            rows = connection.execute(f"select * from {read}(?)", [str(path)])  # noqa: S608
            frame: pd.DataFrame = rows.df()
        except duckdb.Error as error:
            raise _unreadable(path, str(error)) from error
    return frame


def _arrays(path: Path, target: str) -> Table:
    """`x` with n x d or n x channels x height x width, and the target under its own name."""
    import numpy as np
    import pandas as pd

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _unreadable(path, str(error)) from error
    _require_names(tuple(found), target, str(path))
    x, y = found.get("x"), found[target]
    if x is None or x.ndim < 2 or y.shape != x.shape[:1]:
        shapes = ", ".join(f"`{name}` {value.shape}" for name, value in found.items())
        raise _unreadable(
            path, f"it needs `x` with a row each and `{target}` with a value each; it has {shapes}"
        )
    flat = x.reshape(len(x), -1)
    frame = pd.DataFrame(flat, columns=[f"x{i}" for i in range(flat.shape[1])])
    frame[target] = y
    return Table(frame, target, sample_shape=x.shape[1:] if x.ndim > 2 else None)


def _unreadable(path: Path, why: str) -> Problem:
    first = why.strip().split("\n", 1)[0]
    return Problem("OFC722", f"`{path}` cannot be read: {first}", "mend the file, then run again")


def _require(frame: pd.DataFrame, target: str, where: str) -> None:
    _require_names(tuple(str(column) for column in frame.columns), target, where)


def _require_names(names: tuple[str, ...], target: str, where: str) -> None:
    if target in names:
        return
    meant = nearest(target, names)
    shown = ", ".join(f"`{name}`" for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    raise Problem(
        "OFC723",
        f"`{where}` has no column `{target}`",
        f"did you mean `{meant}`?" if meant else f"it has {shown}{more}",
    )
