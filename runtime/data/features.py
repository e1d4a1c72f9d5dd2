"""Feature steps that learn: what they learnt from the training rows, and doing it to any rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, assert_never

from omniforce.spec.blocks.data import Encode, Impute, Rescale

if TYPE_CHECKING:
    import pandas as pd

Learning = Impute | Rescale | Encode
"""The steps that learn; SQL does not."""


@dataclass(frozen=True, slots=True)
class Imputation:
    """What stands in for a missing value, by column."""

    values: tuple[tuple[str, float | str], ...]

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Fills; columns that it learnt nothing for stay as they are."""
        return frame.fillna(dict(self.values))


@dataclass(frozen=True, slots=True)
class Scaling:
    """`(value - shift) / size`, by column."""

    columns: tuple[tuple[str, float, float], ...]

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Scales the columns of numbers."""
        scaled = {
            name: (frame[name].astype("float64") - shift) / size
            for name, shift, size in self.columns
        }
        return frame.assign(**scaled)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The words of each column that has words, sorted.

    Attributes:
        onehot: a column a word, all zero for a word that training never saw; else the word's
            position, and -1 for such a word.
    """

    words: tuple[tuple[str, tuple[str, ...]], ...]
    onehot: bool

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Puts numbers in place of the words, at the column's own place."""
        import pandas as pd

        known = dict(self.words)
        parts: dict[str, pd.Series[float]] = {}
        for name in frame.columns:
            if name not in known:
                parts[name] = frame[name]
            elif self.onehot:
                text = frame[name].astype("string")
                for word in known[name]:
                    parts[f"{name}={word}"] = text.eq(word).fillna(False).astype("float64")
            else:
                position = {word: float(i) for i, word in enumerate(known[name])}
                parts[name] = frame[name].astype("string").map(position).fillna(-1.0)
        return pd.DataFrame(parts, index=frame.index)


Learnt = Imputation | Scaling | Encoding


def learn(step: Learning, training: pd.DataFrame) -> Learnt:
    """What a step learns from the training rows, the target not among their columns."""
    match step:
        case Impute(impute=options):
            return _imputation(training, options.strategy)
        case Rescale(scale=options):
            return _scaling(training, options.method)
        case Encode(encode=options):
            return _encoding(training, options.method == "onehot")
        case _:
            assert_never(step)


def to_json(learnt: Learnt) -> str:
    """One step as it is kept beside the data: `{"step": "scaling", ...}`."""
    return json.dumps({"step": type(learnt).__name__.lower(), **asdict(learnt)}, sort_keys=True)


def numeric(frame: pd.DataFrame) -> tuple[str, ...]:
    """The columns of numbers; truth values count as such."""
    import pandas as pd

    return tuple(str(n) for n in frame.columns if pd.api.types.is_numeric_dtype(frame[n].dtype))


def words(frame: pd.DataFrame) -> tuple[str, ...]:
    """The columns of words."""
    import pandas as pd

    return tuple(
        str(n)
        for n in frame.columns
        if pd.api.types.is_object_dtype(frame[n].dtype)
        or pd.api.types.is_string_dtype(frame[n].dtype)
        or isinstance(frame[n].dtype, pd.CategoricalDtype)
    )


def _imputation(training: pd.DataFrame, strategy: str) -> Imputation:
    """`mean` and `median` are of numbers; a column of words takes its most frequent one."""
    found: list[tuple[str, float | str]] = []
    for name in (*numeric(training), *words(training)):
        column = training[name].dropna()
        if column.empty:
            continue  # nothing to learn; the check at the end names the column
        if name in words(training):
            found.append((name, str(column.mode().iloc[0])))
        elif strategy == "most_frequent":
            found.append((name, float(column.mode().iloc[0])))
        else:
            found.append((name, float(getattr(column.astype("float64"), strategy)())))
    return Imputation(tuple(found))


def _scaling(training: pd.DataFrame, method: str) -> Scaling:
    found = []
    for name in numeric(training):
        column = training[name].astype("float64")
        if method == "standard":
            shift, size = float(column.mean()), float(column.std(ddof=0))
        else:
            shift, size = float(column.min()), float(column.max() - column.min())
        found.append((name, shift, size if size > 0 else 1.0))
    return Scaling(tuple(found))


def _encoding(training: pd.DataFrame, onehot: bool) -> Encoding:
    found = tuple(
        (name, tuple(sorted(str(word) for word in training[name].dropna().unique())))
        for name in words(training)
    )
    return Encoding(found, onehot)
