"""A study's trials as one table: a typed column for each fact, parameter and metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Domain, FloatRange, IntRange, Space

from ..choice import is_feasible, metric_keys
from ..store.trial import CurvePoint, Trial
from .study_copy import StudyCopy

Kind = Literal["whole", "number", "truth", "text", "time"]
Cell = Value | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A name, and what all of its cells are, but for those that are None."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and a row a trial or a figure; a row has a cell for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


_FACTS: tuple[tuple[str, Kind, Callable[[Trial], Cell]], ...] = (
    ("trial", "whole", lambda trial: trial.number),
    ("state", "text", lambda trial: trial.state),
    ("origin", "text", lambda trial: trial.origin),
    ("fate", "text", lambda trial: trial.fate),
    ("revision", "whole", lambda trial: trial.revision),
    ("round", "whole", lambda trial: trial.round),
    ("attempt", "whole", lambda trial: trial.attempt),
    ("proposed", "time", lambda trial: moment(trial.proposed)),
    ("started", "time", lambda trial: moment(trial.started)),
    ("finished", "time", lambda trial: moment(trial.finished)),
    ("seconds", "number", lambda trial: trial.seconds),
    ("failure", "text", lambda trial: trial.failure),
    ("message", "text", lambda trial: trial.message or None),
    ("rating", "number", lambda trial: trial.rating),
)


def trial_table(study: StudyCopy) -> Table:
    """One row a trial. Parameters are `parameter.<id>`, metrics `metric.<key>`, in base units."""
    space, goals = study.search.space, study.search.goals
    parameters = _parameters(space, study.trials)
    reported = {key for trial in study.trials for key in trial.metrics}
    metrics = tuple(dict.fromkeys((*metric_keys(goals), *sorted(reported))))
    columns = (
        *(Column(name, kind) for name, kind, _ in _FACTS),
        Column("feasible", "truth"),
        *(Column(f"parameter.{name}", kind) for name, kind in parameters.items()),
        *(Column(f"metric.{key}", "number") for key in metrics),
    )
    rows = tuple(
        (
            *(cell(trial) for _, _, cell in _FACTS),
            is_feasible(goals, trial.metrics) if trial.metrics else None,
            *(_as(kind, trial.point.get(name)) for name, kind in parameters.items()),
            *(trial.metrics.get(key) for key in metrics),
        )
        for trial in study.trials
    )
    return Table(columns, rows)


def curve_table(points: Iterable[CurvePoint]) -> Table:
    """One row a figure that a trial pushed while it ran."""
    columns = (
        Column("trial", "whole"),
        Column("attempt", "whole"),
        Column("metric", "text"),
        Column("step", "whole"),
        Column("value", "number"),
        Column("at", "time"),
    )
    rows = tuple((p.trial, p.attempt, p.key, p.step, p.value, moment(p.at)) for p in points)
    return Table(columns, rows)


def moment(seconds: float | None) -> datetime | None:
    """A time of the store in UTC; None where it says none that a calendar has."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _parameters(space: Space, trials: Iterable[Trial]) -> dict[str, Kind]:
    """The space's coordinates, then those that only trials of an older spec have."""
    found: dict[str, Kind] = {coordinate.id: _kind(coordinate.domain) for coordinate in space}
    for trial in trials:
        for name, value in trial.point.items():
            found[name] = _wider(found.get(name), value)
    return found


def _kind(domain: Domain) -> Kind:
    match domain:
        case IntRange():
            return "whole"
        case FloatRange():
            return "number"
        case Choice(values=values):
            kind: Kind | None = None
            for value in values:
                kind = _wider(kind, value)
            return kind or "text"


def _wider(kind: Kind | None, value: Value) -> Kind:
    """What a column must be to hold this as well."""
    own = _kind_of(value)
    if kind is None or kind == own:
        return own
    if {kind, own} == {"whole", "number"}:
        return "number"
    return "text"


def _kind_of(value: Value) -> Kind:
    match value:
        case bool():
            return "truth"
        case int():
            return "whole" if -(2**63) <= value < 2**63 else "text"
        case float():
            return "number"
        case str():
            return "text"


def _as(kind: Kind, value: Value | None) -> Cell:
    match kind, value:
        case "number", int() if not isinstance(value, bool):
            return float(value)
        case "text", bool():
            return str(value).lower()
        case "text", int() | float():
            return str(value)
        case _:
            return value


def plain_row(table: Table, row: tuple[Cell, ...]) -> Mapping[str, object]:
    """A row by its columns' names, times as ISO 8601."""
    return {
        column.name: cell.isoformat() if isinstance(cell, datetime) else cell
        for column, cell in zip(table.columns, row, strict=True)
    }
