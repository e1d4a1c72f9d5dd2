"""Trials that were completed elsewhere, put into a study as if they had been completed here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from omniforce.spec.space import Assignment

from . import schema

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

WORKER = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A completed trial of somewhere else.

    Attributes:
        started, finished: seconds since the epoch; no start where nobody knows how long it took.
        message: where it is from.
        curve: figures on the way, by metric and step.
    """

    point: Assignment
    metrics: Mapping[str, float]
    started: float | None
    finished: float
    message: str
    curve: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


def adopt(
    connection: Connection, study: str, revision: int, trials: Sequence[Past]
) -> tuple[int, ...]:
    """Adds them as one round, within any transaction under the study's lock; gives their numbers.

    Their attempts used nothing of the study's budget: they have no seconds.
    """
    table = schema.trials
    number, round_ = connection.execute(
        select(func.max(table.c.number), func.max(table.c.round)).where(table.c.study == study)
    ).one()
    first = 0 if number is None else number + 1
    turn = 0 if round_ is None else round_ + 1
    numbers = tuple(range(first, first + len(trials)))
    if not numbers:
        return ()
    connection.execute(
        table.insert(),
        [
            {
                "study": study,
                "number": n,
                "round": turn,
                "attempt": 1,
                "state": "completed",
                "point": json.dumps(dict(trial.point)),
                "proposed": trial.started or trial.finished,
                "requested": trial.started or trial.finished,
                "started": trial.started,
                "finished": trial.finished,
                "seconds": 0.0
                if trial.started is None
                else max(0.0, trial.finished - trial.started),
                "message": trial.message,
                "worker": WORKER,
                "origin": "import",
                "revision": revision,
            }
            for n, trial in zip(numbers, trials, strict=True)
        ],
    )
    connection.execute(
        schema.metrics.insert(),
        [
            {"study": study, "trial": n, "attempt": 1, "key": key, "value": value}
            for n, trial in zip(numbers, trials, strict=True)
            for key, value in trial.metrics.items()
        ],
    )
    points = [
        {
            "study": study,
            "trial": n,
            "attempt": 1,
            "key": key,
            "step": step,
            "value": value,
            "at": trial.finished,
        }
        for n, trial in zip(numbers, trials, strict=True)
        for key, curve in trial.curve.items()
        for step, value in list(curve.items())[:10_000]
    ]
    if points:
        connection.execute(schema.reports.insert(), points)
    return numbers
