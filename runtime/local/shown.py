"""A study as tables for the terminal and as plain values for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.ir.program import Program, Search
from omniforce.spec.arguments import to_arguments
from omniforce.spec.plain.values import from_plain
from omniforce.spec.problem import Problem

from ..choice import choose, front, is_feasible, metric_keys
from ..quantities import show_metric, show_value
from ..rewards import search_of
from ..store.store import Store
from ..store.trial import StudyRecord, Trial
from .home import Home, studies


@dataclass(frozen=True, slots=True)
class Shown:
    """A study as it stands in its store."""

    home: Home
    program: Program
    record: StudyRecord
    trials: tuple[Trial, ...]

    @property
    def search(self) -> Search:
        """The step that ran the trials."""
        return search_of(self.program)

    @property
    def front(self) -> tuple[Trial, ...]:
        """The Pareto front."""
        return front(self.search.goals, self.trials)

    @property
    def chosen(self) -> Trial | None:
        """The trial whose model is wanted, as far as is known."""
        return choose(self.search.model, self.search.goals, self.trials)


def find_home(root: Path, name: str | None) -> Home:
    """The folder of a study; of the one that was touched last where none is named.

    Raises:
        Problem: there is none.
    """
    there = studies(root)
    if name is None and there:
        return Home(root.absolute(), there[0])
    if name is not None and name in there:
        return Home(root.absolute(), name)
    what = "no study" if name is None else f"no study `{name}`"
    known = ", ".join(f"`{each}`" for each in there)
    raise Problem(
        "OFC761",
        f"there is {what} in `{root}`",
        f"there are {known}"
        if there
        else "start one with `ofc run`, or name its folder by `--dir`",
    )


def open_shown(root: Path, name: str | None) -> Shown:
    """A study as it stands now, also while it runs.

    Raises:
        Problem: there is none, or its store cannot be read.
    """
    home = find_home(root, name)
    store = Store.at(home.store)
    try:
        record = store.study(home.study)
        if record is None:
            raise Problem(
                "OFC761",
                f"the study `{home.study}` was never begun: its store is empty",
                "start it with `ofc run`",
            )
        program = from_plain(Program, json.loads(record.program))
        return Shown(home, program, record, store.trials(home.study))
    finally:
        store.close()


def trial_rows(search: Search, trials: Sequence[Trial]) -> tuple[tuple[str, ...], ...]:
    """A head and one row a trial: its state, its figures, and the parameters that it has."""
    keys = metric_keys(search.goals)
    rows = [("trial", "state", *keys, "parameters")]
    for trial in trials:
        figures = ((key, trial.metrics.get(key)) for key in keys)
        rows.append(
            (
                str(trial.number),
                trial.state if trial.failure is None else f"{trial.state} ({trial.failure})",
                *("-" if value is None else show_metric(key, value) for key, value in figures),
                _parameters(search, trial),
            )
        )
    return tuple(rows)


def _parameters(search: Search, trial: Trial) -> str:
    """`family=cnn channels=8,16`: in a conditional space most columns would be empty."""
    arguments = to_arguments(search.space, trial.present_point)
    return " ".join(f"{name}={_value(value)}" for name, value in arguments.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_value, value)) or "none"
    return show_value(value) or "-"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, two spaces between; a line for each."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in rows
    )


def plain_trial(search: Search, trial: Trial) -> dict[str, object]:
    """A trial for `-o json`; metrics in base units."""
    return {
        "trial": trial.number,
        "state": trial.state,
        "attempt": trial.attempt,
        "round": trial.round,
        "parameters": dict(trial.present_point),
        "metrics": dict(trial.metrics),
        "feasible": is_feasible(search.goals, trial.metrics),
        "failure": trial.failure,
        "message": trial.message,
        "seconds": trial.seconds,
    }
