"""A study out of an Optuna storage, read with plain SQL.

Optuna's own code is not needed, and a file from somewhere else is not handed to it: it is opened
for reading only, nothing in it is unpickled, and attributes are JSON or are left alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omniforce.spec.problem import Problem

from .findings import UNREADABLE, Findings
from .foreign_study import ForeignStudy, ForeignTrial, Imported, Wish
from .naming import Naming, study_name
from .optuna_space import Drawn, read_space
from .to_optuna import shown_address, unusable

if TYPE_CHECKING:
    from sqlalchemy import TableClause
    from sqlalchemy.engine import Connection, Engine

MOST_TRIALS = 200_000


def is_storage(name: str) -> bool:
    """Whether it is an address, or the file of an SQLite database."""
    if "://" in name:
        return True
    try:
        with Path(name).open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except (OSError, ValueError):
        return False


def read_optuna(name: str, study: str | None) -> Imported:
    """A study with its completed trials.

    Args:
        name: the storage's address, or an SQLite file.
        study: which of its studies; may be None where it has one.

    Raises:
        Problem: it cannot be used, or has no such study, or several.
    """
    from sqlalchemy.exc import SQLAlchemyError

    place = shown_address(name) if "://" in name else name
    engine = _engine(name, place)
    try:
        with engine.connect() as connection:
            found = _Reader(connection, place).read(study)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise unusable(place, error) from error
    finally:
        engine.dispose()
    return found


def _engine(name: str, place: str) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(name) if "://" in name else URL.create("sqlite", database=name)
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "")
            if not path.is_file():
                raise Problem(
                    "OFC793",
                    f"there is no storage `{place}`",
                    "name it as `sqlite:///optuna.db`, or by its file",
                )
            # a file that is not ours is never written, not even a journal beside it
            read_only = f"file:{_quoted(str(path.absolute()))}"
            url = URL.create("sqlite", database=read_only, query={"mode": "ro", "uri": "true"})
        elif url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise unusable(place, error) from error


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def _table(name: str, *columns: str) -> TableClause:
    from sqlalchemy import column, table

    return table(name, *(column(each) for each in columns))


@dataclass(slots=True)
class _Reader:
    connection: Connection
    place: str

    def read(self, wanted: str | None) -> Imported:
        number, name = self._study(wanted)
        findings = Findings(self.place)
        naming = Naming(findings)
        wishes = self._wishes(number, naming)
        rows = self._trials(number)
        drawn = self._parameters(rows)
        parameters = read_space(drawn, len(rows), naming, findings)
        study = ForeignStudy(
            system="optuna",
            name=study_name(name, "optuna"),
            parameters=parameters,
            wishes=wishes,
        )
        if not parameters and not findings.has_errors:
            findings.wrong(
                f"the study `{name}` has no trial with parameters, and Optuna knows no space "
                "before its trials",
                None,
                "",
                "run it first, or write the space by hand",
            )
        trials = self._completed(rows, drawn, wishes)
        return Imported(None if findings.has_errors else study, trials, findings.finished(), ())

    def _rows(self, query: Any) -> Sequence[Any]:
        return self.connection.execute(query).all()

    def _study(self, wanted: str | None) -> tuple[int, str]:
        from sqlalchemy import select

        studies = _table("studies", "study_id", "study_name")
        query = select(studies.c.study_id, studies.c.study_name).order_by(studies.c.study_id)
        there = {str(row.study_name): int(row.study_id) for row in self._rows(query.limit(10_000))}
        if wanted is not None and wanted in there:
            return there[wanted], wanted
        if wanted is None and len(there) == 1:
            ((name, number),) = there.items()
            return number, name
        known = ", ".join(f"`{each}`" for each in list(there)[:20])
        raise Problem(
            UNREADABLE,
            f"the storage `{self.place}` has no study"
            + (f" `{wanted}`" if wanted is not None else "")
            if not there or wanted is not None
            else f"the storage `{self.place}` has several studies",
            f"choose one with `--study`: {known}" if there else "name another storage",
        )

    def _wishes(self, study: int, naming: Naming) -> tuple[Wish, ...]:
        from sqlalchemy import select

        table = _table("study_directions", "study_id", "direction", "objective")
        query = (
            select(table.c.direction).where(table.c.study_id == study).order_by(table.c.objective)
        )
        directions = [str(row.direction) for row in self._rows(query)]
        names = self._metric_names(study, len(directions))
        return tuple(
            Wish(
                "maximize" if direction == "MAXIMIZE" else "minimize",
                naming.metric(name, None),
                str(place),
            )
            for place, (direction, name) in enumerate(zip(directions, names, strict=True))
        )

    def _metric_names(self, study: int, count: int) -> list[str]:
        from sqlalchemy import select

        table = _table("study_system_attributes", "study_id", "key", "value_json")
        query = select(table.c.value_json).where(
            table.c.study_id == study, table.c.key == "study:metric_names"
        )
        for row in self._rows(query):
            names = _json(row.value_json)
            if isinstance(names, list) and len(names) == count:
                return [str(name)[:200] for name in names]
        return ["value"] if count == 1 else [f"value_{i}" for i in range(count)]

    def _trials(self, study: int) -> Sequence[Any]:
        from sqlalchemy import select

        table = _table(
            "trials", "trial_id", "number", "study_id", "state", "datetime_start",
            "datetime_complete",
        )  # fmt: skip
        query = select(table).where(table.c.study_id == study).order_by(table.c.number)
        found = self._rows(query.limit(MOST_TRIALS + 1))
        if len(found) > MOST_TRIALS:
            raise Problem(
                UNREADABLE,
                f"the study has more than {MOST_TRIALS:,} trials",
                "copy a part of it into a storage of its own with `optuna.copy_study`",
            )
        return found

    def _parameters(self, trials: Sequence[Any]) -> Mapping[str, Drawn]:
        from sqlalchemy import select

        table = _table(
            "trial_params", "param_id", "trial_id", "param_name", "param_value", "distribution_json"
        )
        drawn: dict[str, Drawn] = {}
        for some in _pieces([row.trial_id for row in trials]):
            query = select(table).where(table.c.trial_id.in_(some)).order_by(table.c.param_id)
            for row in self._rows(query):
                each = drawn.setdefault(str(row.param_name), Drawn())
                each.take(int(row.trial_id), row.param_value, str(row.distribution_json))
        return drawn

    def _completed(
        self, trials: Sequence[Any], drawn: Mapping[str, Drawn], wishes: Sequence[Wish]
    ) -> tuple[ForeignTrial, ...]:
        done = [row for row in trials if str(row.state) == "COMPLETE"]
        values = self._figures("trial_values", "objective", done)
        curves = self._figures("trial_intermediate_values", "step", done)
        found: list[ForeignTrial] = []
        for row in done:
            metrics = {str(place): value for place, value in values.get(row.trial_id, {}).items()}
            if len(metrics) != len(wishes):
                continue  # an infinite one, which no model of ours takes
            curve = curves.get(row.trial_id, {})
            found.append(
                ForeignTrial(
                    label=str(row.number),
                    values={
                        name: each.values[row.trial_id]
                        for name, each in drawn.items()
                        if row.trial_id in each.values
                    },
                    metrics=metrics,
                    started=_seconds(row.datetime_start),
                    finished=_seconds(row.datetime_complete),
                    curve={wishes[0].origin: curve} if curve and wishes else {},
                )
            )
        return tuple(found)

    def _figures(self, name: str, by: str, trials: Sequence[Any]) -> dict[int, dict[int, float]]:
        from sqlalchemy import select

        value = "value" if name == "trial_values" else "intermediate_value"
        table = _table(name, "trial_id", by, value)
        found: dict[int, dict[int, float]] = {}
        for some in _pieces([row.trial_id for row in trials]):
            for row in self._rows(select(table).where(table.c.trial_id.in_(some))):
                number = getattr(row, value)
                if isinstance(number, int | float) and math.isfinite(number):
                    found.setdefault(row.trial_id, {})[int(getattr(row, by))] = float(number)
        return found


def _pieces(numbers: list[int], size: int = 500) -> Iterable[list[int]]:
    return (numbers[i : i + size] for i in range(0, len(numbers), size))


def _json(text: object) -> object:
    if not isinstance(text, str) or len(text) > 1_000_000:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _seconds(moment: object) -> float | None:
    """Optuna keeps UTC (before version 5 local time) without saying so."""
    if isinstance(moment, datetime):
        return moment.timestamp() if moment.tzinfo else _as_utc(moment)
    if isinstance(moment, str):
        from .times import seconds_of

        return seconds_of(moment)
    return None


def _as_utc(moment: datetime) -> float:
    from datetime import UTC

    return moment.replace(tzinfo=UTC).timestamp()
