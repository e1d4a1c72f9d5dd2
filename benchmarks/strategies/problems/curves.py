"""Tables of learning curves: digits by epochs, and LCDB's learners by rows of training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.expression.tree import Value

from ..digits_curves import GRID, configurations, curves

LCDB = Path(__file__).parents[4] / "shared" / "data" / "lcdb" / "lcdb_accuracy_mean.parquet"

PATIENCE = 200.0
"""Whole trainings after which a search that has not come there is given up, and counted so."""

Configuration = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Curves:
    """A table of learning curves as a problem.

    Attributes:
        choices: per parameter its values, and whether they have an order.
        amounts: the fidelities that the table has, lowest first; the last is a whole training.
        figure: of a configuration at one of them; more is better.
        best: at the last.
    """

    name: str
    choices: Mapping[str, tuple[tuple[Value, ...], bool]]
    amounts: tuple[int, ...]
    figure: Callable[[Configuration, int], float]
    best: float

    def nearest(self, amount: float) -> int:
        """The fidelity of the table that is closest on a log scale."""
        return min(self.amounts, key=lambda each: abs(math.log(each / amount)))

    def is_enough(self, figure: float) -> bool:
        """Whether it is within 1 % of the best."""
        return figure >= 0.99 * self.best

    def cost(self, amount: float) -> float:
        """Of a training up to there, in whole trainings."""
        return amount / self.amounts[-1]


def digits() -> Curves:
    """The table of `digits_curves`."""
    table = curves()
    rows = {tuple(each.items()): at for at, each in enumerate(configurations())}
    ordered = {name: not isinstance(values[0], str) for name, values in GRID.items()}

    def figure(configuration: Configuration, amount: int) -> float:
        return float(table[rows[tuple((name, configuration[name]) for name in GRID)], amount - 1])

    return Curves(
        "digits",
        {name: (tuple(values), ordered[name]) for name, values in GRID.items()},
        tuple(range(1, table.shape[1] + 1)),
        figure,
        float(table[:, -1].max()),
    )


def lcdb() -> Iterator[Curves]:
    """Which of 20 learners to train, on each set of LCDB where that is a question.

    The sets with all learners at 16 sizes or more, of which at most three are within 1 %.
    """
    import pandas as pd

    frame = pd.read_parquet(LCDB)
    for number, rows in frame.groupby("openmlid"):
        table = rows.pivot_table(
            index="learner", columns="size_train", values="acc_valid", observed=True
        )
        if len(table) < 20 or table.isna().to_numpy().any() or table.shape[1] < 16:
            continue
        last = table.iloc[:, -1]
        if (last >= 0.99 * last.max()).sum() > 3:
            continue
        values = {
            (str(learner), int(size)): float(table.loc[learner, size])
            for learner in table.index
            for size in table.columns
        }

        def figure(
            configuration: Configuration,
            amount: int,
            values: Mapping[tuple[str, int], float] = values,
        ) -> float:
            return values[str(configuration["learner"]), amount]

        learners = tuple(map(str, table.index))
        sizes = tuple(map(int, table.columns))
        yield Curves(
            f"lcdb {number}", {"learner": (learners, False)}, sizes, figure, float(last.max())
        )
