"""`data`: what is learnt from, how it is split, and what is made of it first."""

from __future__ import annotations

from typing import Literal

from ..frozen import dataclass
from ..readers import Block, Bool, ListOf, Number, OneKeyOf, OneOf, Text, key
from .query import Query

SCHEMES = ("sklearn", "file", "http", "https", "s3", "gs", "dvc", "sql", "hf", "oci")

BUNDLED = ("breast_cancer", "diabetes", "digits", "iris", "wine")
"""The names behind `sklearn://`: the sets of scikit-learn that need no network."""


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the rows for training, for choosing and for the last judgement; they sum to 1."""

    train: float = key(Number(float, above=0.0, maximum=1.0), "Share to train on.", 0.6)
    valid: float = key(Number(float, above=0.0, maximum=1.0), "Share that objectives see.", 0.2)
    test: float = key(
        Number(float, minimum=0.0, maximum=1.0), "Share kept back for the chosen model.", 0.2
    )
    stratify: bool = key(Bool(), "Keep the classes' shares in each part.", False)
    seed: int = key(Number(int, minimum=0, maximum=2**32 - 1), "Of the shuffle.", 0)


@dataclass(frozen=True, slots=True)
class Sql:
    """A query over the table `data` whose result replaces it, row for row."""

    sql: str = key(Query(), "DuckDB's dialect; the table is called `data`.")


@dataclass(frozen=True, slots=True)
class ImputeOptions:
    """How missing values are filled; learnt from the training rows only."""

    strategy: Literal["mean", "median", "most_frequent"] = key(
        OneOf(("mean", "median", "most_frequent")), "The filling value of each column.", "median"
    )


@dataclass(frozen=True, slots=True)
class Impute:
    """Fills what is missing."""

    impute: ImputeOptions = key(Block(ImputeOptions), "How.")


@dataclass(frozen=True, slots=True)
class ScaleOptions:
    """How columns are brought to one size; learnt from the training rows only."""

    method: Literal["standard", "minmax"] = key(
        OneOf(("standard", "minmax")), "Zero mean and unit variance, or 0 to 1.", "standard"
    )


@dataclass(frozen=True, slots=True)
class Rescale:
    """Brings columns to one size."""

    scale: ScaleOptions = key(Block(ScaleOptions), "How.")


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """How columns of words become numbers; learnt from the training rows only."""

    method: Literal["onehot", "ordinal"] = key(
        OneOf(("onehot", "ordinal")), "A column a word, or a number a word.", "onehot"
    )


@dataclass(frozen=True, slots=True)
class Encode:
    """Makes numbers of columns of words."""

    encode: EncodeOptions = key(Block(EncodeOptions), "How.")


Feature = Sql | Impute | Rescale | Encode


@dataclass(frozen=True, slots=True)
class Privacy:
    """Differential privacy of the training, by DP-SGD."""

    epsilon: float = key(Number(float, above=0.0), "The budget that may be spent.")
    delta: float = key(Number(float, above=0.0, maximum=1.0), "The chance that it is exceeded.")


@dataclass(frozen=True, slots=True)
class Data:
    """What is learnt from."""

    source: str = key(
        Text(
            "a URI such as `sklearn://digits`",
            pattern=rf"({'|'.join(SCHEMES)})://\S+",
            help=f"it starts with one of {', '.join(f'{s}://' for s in SCHEMES)}; a file is "
            "`file:///folder/rows.csv`",
        ),
        "Where the data is.",
        example="sklearn://digits",
    )
    target: str | None = key(Text("a column's name"), "The column to predict.", None)
    split: Split = key(Block(Split), "How rows are divided.", Split())
    features: tuple[Feature, ...] = key(
        ListOf(OneKeyOf((Sql, Impute, Rescale, Encode), "a feature step")),
        "Steps from the raw table to the model's input.",
        (),
    )
    privacy: Privacy | None = key(Block(Privacy), "Differential privacy of the training.", None)
