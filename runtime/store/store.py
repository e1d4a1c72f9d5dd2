"""Studies and their trials, kept so that any process may die at any moment.

A trial goes proposed -> reserved -> running -> measuring -> completed | failed | timed-out |
cancelled. What a call acknowledges is committed. Every call can be repeated: a transition names
its trial and attempt, and one that was made already, or whose attempt is no longer the trial's
own, changes nothing. A call whose connection broke is made again by the store itself.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import and_, func, select, update
from sqlalchemy.engine import URL

from omniforce.spec.problem import Problem

from ..events import Event
from ..retries import NEVER, Retries
from ..trial.contract import Phase, TrialReport, Wish
from . import artifacts, attempts, curves, faults, mail, rivals, schema
from .database import LOCK_SECONDS, Database
from .learned import Learned, keep, learned
from .recall import all_trials
from .repeating import repeated
from .rows import study_from, study_of
from .session import Session, put
from .trial import (
    DEFAULT_PROJECT,
    Action,
    Artifact,
    CurvePoint,
    DeadLetter,
    Lease,
    Point,
    StudyRecord,
    Trial,
)

LEASE_SECONDS = 60.0
"""How long a worker may be silent; it beats three times in that."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. May be used from several threads; not across a fork."""

    database: Database

    @classmethod
    def open(cls, address: str, patience: float = LOCK_SECONDS) -> Store:
        """Opens a store, and makes it where there is none.

        Args:
            address: `sqlite:////path/to/study.db` or `postgresql://user:password@host/name`.
            patience: seconds that a call waits for another process's lock.

        Raises:
            Problem: it is damaged, locked, read-only, full, out of reach or of a newer layout.
        """
        return cls(Database.open(address, patience))

    @classmethod
    def at(cls, path: Path, patience: float = LOCK_SECONDS) -> Store:
        """Opens the SQLite file at `path`; its directory must exist."""
        url = URL.create("sqlite", database=str(path))
        return cls.open(url.render_as_string(hide_password=False), patience)

    def close(self) -> None:
        """Gives the connections back."""
        self.database.close()

    @repeated
    def ping(self) -> None:
        """Does nothing, or raises the `Problem` of a store that cannot be reached."""
        with self.database.reading() as connection:
            connection.execute(select(schema.version.c.version))

    # Studies

    @repeated
    def create_study(
        self,
        name: str,
        program: str,
        digest: str,
        now: float,
        *,
        project: str = DEFAULT_PROJECT,
        algorithm: str = "",
    ) -> StudyRecord:
        """Makes a study, or finds it as it stands; `program` is `to_plain(Program)` as JSON text.

        Raises:
            Problem: there is one of this name from another spec, or of another project.
        """
        with self.database.writing(lock=name) as connection:
            found = study_of(connection, name)
            if found is None:
                connection.execute(
                    schema.studies.insert().values(
                        name=name,
                        digest=digest,
                        program=program,
                        state="running",
                        started=now,
                        token=0,
                        project=project,
                        algorithm=algorithm,
                        revision=1,
                        extra="{}",
                    )
                )
                connection.execute(
                    schema.revisions.insert().values(
                        study=name, revision=1, digest=digest, program=program, since=now
                    )
                )
                return StudyRecord(
                    name=name,
                    digest=digest,
                    program=program,
                    state="running",
                    started=now,
                    project=project,
                )
        if found.digest != digest or found.project != project:
            raise Problem(
                faults.OTHER_STUDY,
                f"the study `{name}` in `{self.database.place}` was started from another spec",
                "give the changed spec another `metadata.name`, or remove the old study",
            )
        return found

    @repeated
    def study(self, name: str) -> StudyRecord | None:
        """One study as it stands, or None."""
        with self.database.reading() as connection:
            return study_of(connection, name)

    @repeated
    def studies(
        self, project: str | None = None, algorithm: str | None = None
    ) -> tuple[StudyRecord, ...]:
        """Studies by name: all, those of a project, those that searched one algorithm.

        The completed ones are what a new study of the same algorithm can begin with: the paper's
        knowledge base.
        """
        table = schema.studies
        query = select(table).order_by(table.c.name)
        if project is not None:
            query = query.where(table.c.project == project)
        if algorithm is not None:
            query = query.where(table.c.algorithm == algorithm)
        with self.database.reading() as connection:
            return tuple(study_from(row) for row in connection.execute(query))

    @repeated
    def learned(self, name: str) -> Learned | None:
        """What a study learns from past ones; None where nothing was chosen yet."""
        with self.database.reading() as connection:
            return learned(connection, name)

    @repeated
    def keep_learned(self, name: str, chosen: Learned, now: float) -> Learned:
        """Keeps what past studies say to one; gives what was kept before, if the same was asked."""
        with self.database.writing(lock=name) as connection:
            return keep(connection, name, chosen, now)

    @repeated
    def program(self, name: str, revision: int) -> str | None:
        """The program of one revision of a study as JSON text."""
        table = schema.revisions
        query = select(table.c.program).where(table.c.study == name, table.c.revision == revision)
        with self.database.reading() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
            return found

    def clock(self) -> float:
        """Seconds since the epoch, as the database's own machine has them.

        Leases go by it, so that machines whose clocks differ agree on when one runs out.
        """
        return self.database.clock()

    @repeated
    def actions(self, name: str, after: int = 0) -> tuple[Action, ...]:
        """What people did to a study, oldest first, beyond a position."""
        table = schema.actions
        query = select(table).where(table.c.study == name, table.c.position > after)
        with self.database.reading() as connection:
            return tuple(
                Action(row.position, row.at, row.actor, row.action, row.detail)
                for row in connection.execute(query.order_by(table.c.position))
            )

    @repeated
    def last_action(self, name: str) -> int:
        """The position of the last action, 0 where there is none; cheap enough to ask often."""
        query = select(func.max(schema.actions.c.position)).where(schema.actions.c.study == name)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one() or 0

    @contextmanager
    def lock(self, name: str) -> Generator[Session]:
        """One transaction that no other holder of the study's lock runs beside."""
        with self.database.writing(lock=name) as connection:
            yield Session(connection, name)

    @repeated
    def requeue(self, name: str, now: float) -> tuple[int, ...]:
        """Puts every trial under way back; for a runner that knows that no worker lives."""
        with self.lock(name) as session:
            return tuple(reaped.trial for reaped in session.requeue(now))

    @repeated
    def think_on(self, name: str, token: int, until: float) -> bool:
        """Moves the searcher's lease on; False if it went to another."""
        table = schema.studies
        mine = and_(
            table.c.name == name, table.c.token == token, table.c.thinking_until.is_not(None)
        )
        with self.database.writing() as connection:
            statement = update(table).where(mine).values(thinking_until=until)
            return connection.execute(statement).rowcount == 1

    # Trials

    @repeated
    def trials(self, name: str) -> tuple[Trial, ...]:
        """All trials of a study, in order of their number."""
        with self.database.reading() as connection:
            return all_trials(connection, name)

    @repeated
    def lease(
        self, study: str, trial: int, attempt: int, worker: str, seconds: float, now: float
    ) -> Lease | None:
        """Gives one worker, whose name no other has, the right to one attempt for some seconds.

        Returns:
            The lease; again for the worker that holds it; None if the attempt is another's, over,
            or no longer the trial's own. Who gets None must not train.
        """
        with self.database.at_once() as connection:
            return attempts.lease(connection, study, trial, attempt, worker, now + seconds, now)

    @repeated
    def heartbeat(
        self,
        study: str,
        trial: int,
        attempt: int,
        worker: str,
        seconds: float,
        now: float,
        phase: Phase | None = None,
    ) -> Wish:
        """Says that the worker lives and what it does, and moves its lease on.

        The first phase that is told sets when the trial started.

        Returns:
            What is wanted of the worker. A report of a trial that is timed-out is: a late result
            informs the model.
        """
        beat = attempts.Beat(worker, now + seconds, now, phase)
        with self.database.at_once() as connection:
            return attempts.heartbeat(connection, study, trial, attempt, beat)

    @repeated
    def finish(
        self,
        study: str,
        trial: int,
        attempt: int,
        report: TrialReport,
        now: float,
        events: Sequence[Event] = (),
        retries: Retries = NEVER,
    ) -> bool:
        """Takes an attempt's report, together with the events that tell of it.

        A metric that is no finite number makes the trial failed, as `nan`. The report of an
        attempt that is no longer the trial's own is kept and changes nothing, except that a
        timed-out trial gets its metrics. Where `retries` allow it, a failed trial is proposed
        again as a new attempt, not to begin before `Trial.requested`.

        Returns:
            Whether the trial's state changed; False also if it was reported before.
        """
        with self.database.writing() as connection:
            changed = attempts.finish(connection, study, trial, attempt, report, now, retries)
            if changed != "nothing":
                put(connection, study, events, now)
            return changed != "nothing"

    @repeated
    def record(
        self,
        study: str,
        trial: int,
        attempt: int,
        worker: str,
        points: Sequence[Point],
        now: float,
    ) -> int:
        """Keeps figures that the holder of an attempt's lease pushes while it runs.

        A point that is there already stays; what is not finite, and what comes beyond
        `curves.MOST_POINTS` of one attempt, is left out.

        Returns:
            How many were kept; 0 for a worker that does not hold the attempt.
        """
        with self.database.writing() as connection:
            return curves.record(connection, study, trial, attempt, worker, points, now)

    @repeated
    def curve(
        self, study: str, trial: int | None = None, key: str | None = None
    ) -> tuple[CurvePoint, ...]:
        """What was pushed, by trial, attempt, key and step."""
        with self.database.reading() as connection:
            return curves.curve(connection, study, trial, key)

    @repeated
    def rivals(
        self, study: str, key: str, most: int, known: Collection[int]
    ) -> tuple[dict[int, rivals.Rival], dict[int, rivals.Told]]:
        """The trials under way and the latest completed ones, and what they reported of a figure.

        Args:
            study: whose trials.
            key: of the figure.
            most: completed trials.
            known: trials that were completed before, whose figures are not read again.
        """
        with self.database.reading() as connection:
            found = rivals.rivals(connection, study, most)
            wanted = [(n, attempt) for n, (attempt, _) in found.items() if n not in known]
            return found, rivals.told(connection, study, key, wanted)

    @repeated
    def end_early(
        self,
        study: str,
        trial: int,
        attempt: int,
        actor: str,
        detail: Mapping[str, object],
        now: float,
    ) -> bool:
        """Asks an attempt that trains to end early, and writes down who did; once."""
        with self.lock(study) as session:
            if not rivals.end_early(session.connection, study, trial, attempt, now):
                return False
            session.note(actor, "end-early", detail, now)
            return True

    @repeated
    def tail(self, study: str, trial: int, attempt: int | None = None) -> str:
        """The end of an attempt's output, of the last that reported where none is named."""
        table = schema.attempts
        query = select(table.c.tail).where(table.c.study == study, table.c.trial == trial)
        if attempt is not None:
            query = query.where(table.c.attempt == attempt)
        query = query.order_by(table.c.reported.is_(None), table.c.attempt.desc()).limit(1)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one_or_none() or ""

    @repeated
    def put_artifact(
        self, study: str, trial: int, attempt: int, name: str, content: bytes, now: float
    ) -> Artifact:
        """Keeps a small file that a trial left; one of its name that is there is replaced.

        Raises:
            Problem: it is larger than `artifacts.LARGEST`.
        """
        with self.database.writing() as connection:
            return artifacts.put(connection, study, trial, attempt, name, content, now)

    @repeated
    def artifact(self, study: str, trial: int, attempt: int, name: str) -> bytes | None:
        """The content of a file, None where there is no such file."""
        with self.database.reading() as connection:
            return artifacts.content_of(connection, study, trial, attempt, name)

    @repeated
    def artifacts(self, study: str, trial: int | None = None) -> tuple[Artifact, ...]:
        """The files of a trial, or of all, by trial, attempt and name."""
        with self.database.reading() as connection:
            return artifacts.artifacts_of(connection, study, trial)

    # Events

    @repeated
    def unsent(self, study: str, types: Sequence[str], limit: int = 1000) -> tuple[Event, ...]:
        """Events of these types that are still to be sent, oldest first."""
        with self.database.reading() as connection:
            return mail.unsent(connection, study, types, limit)

    @repeated
    def mark_sent(self, ids: Sequence[str], now: float) -> None:
        """Remembers that events were taken by the broker."""
        with self.database.at_once() as connection:
            mail.mark_sent(connection, ids, now)

    @repeated
    def is_handled(self, event: Event) -> bool:
        """Whether an event has had its effect already."""
        with self.database.reading() as connection:
            return mail.is_handled(connection, event)

    @repeated
    def mark_handled(self, study: str, event: Event, now: float) -> None:
        """Remembers that an event has had its effect."""
        with self.database.writing(lock=study) as connection:
            mail.mark_handled(connection, study, event, now)

    @repeated
    def bury(self, letter: DeadLetter) -> None:
        """Keeps an event that nobody would take; one that is there already is the same."""
        with self.database.writing(lock="omniforce: dead letters") as connection:
            mail.bury(connection, letter)

    @repeated
    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """The events that nobody would take, oldest first."""
        with self.database.reading() as connection:
            return mail.dead_letters(connection)
