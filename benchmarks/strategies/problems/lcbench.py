"""LCBench: 35 data sets, the same 2,000 networks on each, seven hyperparameters.

There is nothing between the rows, and a choice of rows would have no structure. So the space is
that of the seven numbers, and a point is measured at the nearest row that was not measured yet;
the searcher is told that row, not the point that it asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from functools import cache
from random import Random
from typing import Any

from omniforce.spec.space import Assignment, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.points.encoding import Encoding, Key
from omniforce.strategies.protocol import Goal, Outcome, Past, Reward

from ..bench import Bench, Metrics, Snap, noiseless, regret
from .stored import DATA

TABLE = DATA / "lcbench_final" / "lcbench_data.npz"
NAMES = (
    "batch_size", "learning_rate", "max_dropout", "max_units", "momentum", "num_layers",
    "weight_decay",
)  # fmt: skip
SPACE = Space(
    (
        Coordinate("batch_size", (), IntRange(16, 512, "log")),
        Coordinate("learning_rate", (), FloatRange(1e-4, 1e-1, "log")),
        Coordinate("max_dropout", (), FloatRange(0.0, 1.0)),
        Coordinate("max_units", (), IntRange(64, 1024, "log")),
        Coordinate("momentum", (), FloatRange(0.1, 0.99)),
        Coordinate("num_layers", (), IntRange(1, 4)),
        Coordinate("weight_decay", (), FloatRange(1e-5, 1e-1)),
    )
)
GOALS = (Goal("accuracy", "maximize"),)
PAST_STUDIES = 10
PAST_TRIALS = 50


PASTS = ("none", "alike", "opposite", "shuffled")
"""What a search may learn from: studies as they were, or ones that mislead. Of the opposite ones
every accuracy is 1 less the true one; of the shuffled ones each is another trial's."""


def task(name: str, past: str) -> Bench:
    """50 trials of one data set; a past brings studies of ten others, drawn by the task's name.

    Each of those had 50 random trials. Lost is the gap to the best row's accuracy, in % points.
    """
    rows, accuracy = points(), accuracies()[name]
    keys = [ENCODING.key(each) for each in rows]
    place = {key: at for at, key in enumerate(keys)}

    def truth(point: Assignment) -> Metrics:
        return {"accuracy": accuracy[place[ENCODING.key(point)]]}

    lost = regret("accuracy", max(accuracy), 0.01, sign=-1.0)
    return Bench(
        bench_name(name, past), SPACE, GOALS, 50, noiseless(truth), truth, lost,
        past=_past(name, past), snap=_nearest(rows, keys),
    )  # fmt: skip


def bench_name(name: str, past: str) -> str:
    """`lcbench-Australian-alike`."""
    return f"lcbench-{name}-{past}"


@cache
def points() -> tuple[Assignment, ...]:
    """The 2,000 networks, as points of the space."""
    rows = next(iter(_stored().values()))
    whole = {"batch_size", "max_units", "num_layers"}
    found = []
    for row in rows.tolist():
        values = dict(zip(NAMES, row[:-1], strict=True))
        found.append({n: round(v) if n in whole else float(v) for n, v in values.items()})
    return tuple(found)


@cache
def accuracies() -> dict[str, list[float]]:
    """Final validation accuracy of each network, by data set."""
    return {
        name: [value / 100 for value in rows[:, -1].tolist()] for name, rows in _stored().items()
    }


@cache
def _stored() -> Mapping[str, Any]:
    import numpy

    with numpy.load(TABLE) as tables:
        return {name: tables[name] for name in sorted(tables.files)}


def _past(name: str, past: str) -> tuple[Past, ...]:
    if past == "none":
        return ()
    generator = Random(f"past of {name}")
    others = generator.sample([each for each in accuracies() if each != name], PAST_STUDIES)
    return tuple(_study(each, past, generator) for each in others)


def _study(name: str, past: str, generator: Random) -> Past:
    rows, accuracy = points(), accuracies()[name]
    chosen = generator.sample(range(len(rows)), PAST_TRIALS)
    figures = [accuracy[at] for at in chosen]
    if past == "opposite":
        figures = [1.0 - figure for figure in figures]
    elif past == "shuffled":
        Random(f"shuffled {name}").shuffle(figures)
    rewards = [
        Reward(trial, rows[at], Outcome.COMPLETED, {"accuracy": figure})
        for trial, (at, figure) in enumerate(zip(chosen, figures, strict=True))
    ]
    return Past(name, SPACE, GOALS, tuple(rewards))


def _nearest(rows: tuple[Assignment, ...], keys: list[Key]) -> Snap:
    units = [ENCODING.encode(each) for each in rows]

    def snap(point: Assignment, known: Set[Key]) -> Assignment:
        wanted = ENCODING.encode(point)
        free = (at for at in range(len(rows)) if keys[at] not in known)
        return rows[min(free, key=lambda at: math.dist(units[at], wanted))]

    return snap


ENCODING = Encoding.of(SPACE)
