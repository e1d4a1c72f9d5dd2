"""All trials of a study, of which only those are read that may have changed since the last time.

A trial that is over changes no more, but for the late figures of a timed-out one and for what
people do, who leave an action or a revision. So a process remembers the trials up to the first
that is under way; a search of 100,000 trials is then read as fast as one of a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import func, or_, select

from . import schema
from .rows import trials_of
from .trial import Trial

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

_Mark = tuple[float, int, int]


@dataclass(frozen=True, slots=True)
class _Known:
    """Trials 0, 1, 2, ... that were over when the study had this mark."""

    mark: _Mark
    trials: tuple[Trial, ...]


_known: WeakKeyDictionary[Engine, dict[str, _Known]] = WeakKeyDictionary()


def all_trials(connection: Connection, study: str) -> tuple[Trial, ...]:
    """All trials, in order of their number."""
    mark = _mark(connection, study)
    if mark is None:
        return ()
    memory = _known.setdefault(connection.engine, {})
    known = memory.get(study)
    kept: tuple[Trial, ...] = ()
    if known is None or known.mark != mark:
        fresh = trials_of(connection, study)
    else:
        kept, fresh = _brought_up_to_date(connection, study, known.trials)
    over = takewhile(lambda pair: _stays(*pair), enumerate(fresh, len(kept)))
    memory[study] = _Known(mark, kept + tuple(trial for _, trial in over))
    return kept + fresh


def _stays(place: int, trial: Trial) -> bool:
    return trial.is_settled and trial.number == place


def _brought_up_to_date(
    connection: Connection, study: str, known: tuple[Trial, ...]
) -> tuple[tuple[Trial, ...], tuple[Trial, ...]]:
    """The known ones as they are now, and those beyond."""
    table, count = schema.trials, len(known)
    wanted = or_(table.c.number >= count, table.c.state == "timed-out")
    read = trials_of(connection, study, wanted)
    late = [trial for trial in read if trial.number < count]
    if late:
        changed = list(known)
        for trial in late:
            changed[trial.number] = trial
        known = tuple(changed)
    return known, read[len(late) :]


def _mark(connection: Connection, study: str) -> _Mark | None:
    """What changes with everything that people do to a study; None where there is none."""
    studies, actions = schema.studies, schema.actions
    last = select(func.max(actions.c.position)).where(actions.c.study == study).scalar_subquery()
    row = connection.execute(
        select(studies.c.started, studies.c.revision, last.label("last")).where(
            studies.c.name == study
        )
    ).one_or_none()
    return None if row is None else (row.started, row.revision, row.last or 0)
