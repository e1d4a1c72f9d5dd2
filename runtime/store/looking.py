"""What people ask of a store: pages of studies and trials, counts, what moved.

Reads only what is shown, so that a study of 100,000 trials is looked at as fast as a small one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from . import schema
from .rows import study_from, trials_of
from .trial import OUTSTANDING, CurvePoint, StudyRecord, Trial

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement

    from .store import Store

MOST_POINTS = 5000
_MOST_NAMED = 500


@dataclass(frozen=True, slots=True)
class Look:
    """Looks at one store; what is written there meanwhile is seen by the next call."""

    store: Store

    def studies(
        self, project: str, after: str = "", most: int = 100, states: Sequence[str] = ()
    ) -> tuple[StudyRecord, ...]:
        """The studies of a project by name, those beyond `after`."""
        table = schema.studies
        query = select(table).where(table.c.project == project, table.c.name > after)
        if states:
            query = query.where(table.c.state.in_(tuple(states)))
        with self.store.database.reading() as connection:
            rows = connection.execute(query.order_by(table.c.name).limit(most))
            return tuple(study_from(row) for row in rows)

    def projects(self) -> tuple[str, ...]:
        """All that have a study, by name."""
        column = schema.studies.c.project
        with self.store.database.reading() as connection:
            return tuple(connection.execute(select(column).distinct().order_by(column)).scalars())

    def counts(self, study: str) -> Mapping[str, int]:
        """How many trials there are in each state."""
        table = schema.trials
        query = select(table.c.state, func.count()).where(table.c.study == study)
        with self.store.database.reading() as connection:
            rows = connection.execute(query.group_by(table.c.state).order_by(table.c.state))
            return {row[0]: row[1] for row in rows}

    def trials(
        self,
        study: str,
        *,
        after: int = -1,
        most: int | None = None,
        among: Mapping[str, Sequence[str]] | None = None,
    ) -> tuple[Trial, ...]:
        """Trials in order of their number, those beyond `after`.

        Args:
            study: its name.
            after: a number.
            most: so many at most; None for all.
            among: column to the values that are wanted.
        """
        table = schema.trials
        wanted = table.c.number > after
        for column, values in (among or {}).items():
            if values:
                wanted &= table.c[column].in_(tuple(values))
        with self.store.database.reading() as connection:
            if most is not None:
                query = select(table.c.number).where(table.c.study == study, wanted)
                query = query.order_by(table.c.number).limit(most)
                numbers = connection.execute(query).scalars().all()
                if not numbers:
                    return ()
                wanted &= table.c.number <= numbers[-1]
            return trials_of(connection, study, wanted)

    def trial(self, study: str, number: int) -> Trial | None:
        """One trial, or None."""
        found = self._some(study, schema.trials.c.number == number)
        return found[0] if found else None

    def last(self, study: str) -> int:
        """The number of the latest trial, -1 where there is none."""
        query = select(func.max(schema.trials.c.number)).where(schema.trials.c.study == study)
        with self.store.database.reading() as connection:
            found = connection.execute(query).scalar_one()
            return -1 if found is None else found

    def moved(self, study: str, top: int, known: Collection[int], most: int) -> tuple[Trial, ...]:
        """The trials that may have changed: new ones, those to come, late ones, and the known.

        New ones are those beyond `top`, `most` of them at once.
        """
        table = schema.trials
        late = and_(table.c.state == "timed-out", table.c.seconds == 0.0)
        wanted = or_(table.c.number > top, table.c.state.in_(sorted(OUTSTANDING)), late)
        if known:
            some = sorted(known)
            named = (
                table.c.number.in_(some)
                if len(some) <= _MOST_NAMED
                else table.c.number.between(some[0], some[-1])
            )
            wanted = or_(wanted, named)
        return self._some(study, and_(table.c.number <= top + most, wanted))

    def ended_since(self, study: str, since: float) -> tuple[Trial, ...]:
        """The trials that were over at or after a time."""
        return self._some(study, schema.trials.c.finished >= since)

    def pushed(self, study: str, trials: Collection[int], since: float) -> tuple[CurvePoint, ...]:
        """What some trials pushed at or after a time, the oldest `MOST_POINTS` of it."""
        if not trials:
            return ()
        table = schema.reports
        some = sorted(trials)
        query = (
            select(table)
            .where(
                table.c.study == study,
                table.c.trial.in_(some)
                if len(some) <= _MOST_NAMED
                else table.c.trial.between(some[0], some[-1]),
                table.c.at >= since,
            )
            .order_by(table.c.at, table.c.trial, table.c.key, table.c.step)
            .limit(MOST_POINTS)
        )
        with self.store.database.reading() as connection:
            return tuple(
                CurvePoint(row.trial, row.attempt, row.key, row.step, row.value, row.at)
                for row in connection.execute(query)
            )

    def curves(
        self, study: str, key: str | None, after: int, most: int
    ) -> tuple[tuple[CurvePoint, ...], int | None]:
        """What some trials beyond a number pushed, and the last of them where more follow."""
        table = schema.reports
        mine = table.c.study == study
        if key is not None:
            mine &= table.c.key == key
        numbers = select(table.c.trial).where(mine, table.c.trial > after).distinct()
        order = (table.c.trial, table.c.attempt, table.c.key, table.c.step)
        with self.store.database.reading() as connection:
            some = connection.execute(numbers.order_by(table.c.trial).limit(most)).scalars().all()
            if not some:
                return (), None
            query = select(table).where(mine, table.c.trial > after, table.c.trial <= some[-1])
            points = tuple(
                CurvePoint(row.trial, row.attempt, row.key, row.step, row.value, row.at)
                for row in connection.execute(query.order_by(*order))
            )
        return points, some[-1] if len(some) == most else None

    def _some(self, study: str, wanted: ColumnElement[bool]) -> tuple[Trial, ...]:
        with self.store.database.reading() as connection:
            return trials_of(connection, study, wanted)
