"""Makes of a spec's `data` the arrays that algorithms read.

source -> SQL steps -> split -> steps that learn from the training rows -> data.npz
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from omniforce.spec.blocks.data import Sql
from omniforce.spec.problem import Problem

from ..trial.load import missing_module
from . import sources, sql
from .dataset import Dataset, Part, Task, read_facts
from .features import learn, numeric, to_json, words
from .split import divide

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from omniforce.compiler.ir.program import Prepare
    from omniforce.spec.blocks.data import Feature

    from .features import Learning
    from .table import Table

RECIPE = 1
"""Grows when the same request would make other arrays."""

MOST_CLASSES = 20
"""A target of whole numbers with more values than these is a number to predict."""


def prepare(step: Prepare, directory: Path, base: Path = Path()) -> Dataset:
    """Prepares the data, or reads what an earlier run has made of the same request.

    Args:
        step: what is asked for.
        directory: where it comes to lie, all at once.
        base: the folder that `file://data.csv` starts from, the spec's own.

    Raises:
        Problem: OFC720 to OFC730; nothing is left behind.
    """
    directory = Path(directory)
    request = _request(step, base)
    if _is_made(directory, request):
        return Dataset.open(directory)
    data = build(step, base, request)
    data.write(directory)
    return data


def build(step: Prepare, base: Path, request: str = "") -> Dataset:
    """The data in memory; `prepare` says the rest."""
    try:
        import numpy as np

        import_module("pandas")  # all that follows needs it
    except ImportError as error:
        raise missing_module(error) from error
    queries, learning = _order(step.features)
    table = sources.read(step.source, step.target, base)
    for query in queries:
        table = sql.run(query.sql, table)
    y, classes = _target(table)
    task: Task = "classification" if classes else "regression"
    rows = divide(step.split, len(y), y.astype(np.int64) if classes else None)
    frame = table.frame[list(table.columns)]
    steps = []
    for each in learning:
        learnt = learn(each, frame.iloc[rows.train])
        frame = learnt.apply(frame)
        steps.append(to_json(learnt))
    names = tuple(str(name) for name in frame.columns)
    x = _numbers(frame)
    if table.sample_shape is not None and names == table.columns:
        x = x.reshape(len(x), *table.sample_shape)
    train, valid, test = (Part(x[part], y[part]) for part in (rows.train, rows.valid, rows.test))
    return Dataset(train, valid, test, task, classes, names, tuple(steps), request)


def _request(step: Prepare, base: Path) -> str:
    """A digest of what is asked for, the source's bytes included."""
    asked = {
        "recipe": RECIPE,
        "source": step.source,
        "bytes": sources.fingerprint(step.source, base),
        "target": step.target,
        "split": asdict(step.split),
        "features": [[type(each).__name__, asdict(each)] for each in step.features],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _is_made(directory: Path, request: str) -> bool:
    try:
        return read_facts(directory).request == request
    except Problem:
        return False  # missing or damaged: made anew


def _order(features: tuple[Feature, ...]) -> tuple[tuple[Sql, ...], tuple[Learning, ...]]:
    """The queries, and after them the steps that learn.

    A query may move rows, and what a step has learnt from the training rows before it would then
    be of other rows; so queries come first.
    """
    queries = tuple(each for each in features if isinstance(each, Sql))
    learning = tuple(each for each in features if not isinstance(each, Sql))
    if features != (*queries, *learning):
        raise Problem(
            "OFC728",
            "a SQL step stands after a step that learns from the training rows",
            "put the `sql` steps first under `features`",
        )
    return queries, learning


def _target(table: Table) -> tuple[NDArray[np.int64] | NDArray[np.float32], tuple[str, ...]]:
    """What is learnt, and the classes' names; none means that it is a number."""
    import numpy as np
    import pandas as pd

    column = table.frame[table.target]
    missing = int(column.isna().sum())
    if missing:
        raise Problem(
            "OFC729",
            f"the target `{table.target}` is missing in {missing} of {len(column)} rows",
            "remove those rows, or fill them with a SQL step: `coalesce(target, ...)`",
        )
    if not _has_classes(column):
        return column.to_numpy(dtype=np.float32), ()
    values = sorted(column.unique(), key=None if pd.api.types.is_integer_dtype(column) else str)
    position = {value: i for i, value in enumerate(values)}
    y = column.map(position).to_numpy().astype(np.int64)
    if len(values) < 2:
        raise Problem(
            "OFC729",
            f"the target `{table.target}` is `{values[0]}` in all rows",
            "nothing can be learnt from one class; choose another column",
        )
    return y, tuple(str(value) for value in values)


def _has_classes(column: pd.Series[float]) -> bool:
    """Whether a target is classes: words, truth values, or a few whole numbers.

    A SQL step decides otherwise: `cast(grade as double)` is a number to predict,
    `cast(code as varchar)` is a class.
    """
    import pandas as pd

    if pd.api.types.is_float_dtype(column.dtype):
        return False
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.nunique() <= MOST_CLASSES
    return True


def _numbers(frame: pd.DataFrame) -> NDArray[np.float32]:
    """All columns as float32, none missing."""
    import numpy as np

    if not len(frame.columns):
        raise Problem("OFC729", "no column is left to learn from", "select more than the target")
    others = [name for name in frame.columns if name not in numeric(frame)]
    if others:
        name = others[0]
        has_words = name in words(frame)
        raise Problem(
            "OFC729",
            f"the column `{name}` has {'words' if has_words else 'times or other values'}, "
            "and a model learns from numbers",
            "add `- encode: {method: onehot}` under `features`"
            if has_words
            else f"make a number of it with SQL, as in `epoch({name})`, or leave it out",
        )
    x = frame.to_numpy(dtype=np.float32, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(x).all(axis=0))
    if len(wrong):
        name = frame.columns[wrong[0]]
        count = int((~np.isfinite(x[:, wrong[0]])).sum())
        raise Problem(
            "OFC729",
            f"the column `{name}` is missing or infinite in {count} of {len(x)} rows",
            "add `- impute: {strategy: median}` under `features`",
        )
    return np.ascontiguousarray(x)
