"""What people do to a study while it lives; each deed is written down with who did it.

Everything happens in one transaction under the study's lock, so that a searcher, a worker and a
person never see half of it. On a cluster the search sleeps: `study.changed` wakes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from omniforce.compiler.ir.program import Program
from omniforce.spec.expression.tree import Value
from omniforce.spec.plain.values import from_plain
from omniforce.spec.problem import Problem

from ..events import study_changed, trial_requested
from ..rewards import search_of
from ..store.session import Session
from ..store.store import Store
from ..store.trial import OUTSTANDING, StudyRecord, Trial
from .given_point import given_point
from .once import Once
from .revising import Revision, revise

NO_STUDY = "OFC761"
FORBIDDEN = "OFC781"
NO_TRIAL = "OFC782"

REOPENED = frozenset({"budget", "wall-clock", "gpu-hours", "usd", "energy", "stopped"})
"""Ends that more budget, or another wish, undoes."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What is added to a budget.

    Attributes:
        wall_clock: seconds.
    """

    trials: int = 0
    wall_clock: float = 0.0
    gpu_hours: float = 0.0
    usd: float = 0.0
    kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class Steering:
    """One study, steered by one person.

    Every method raises a `Problem`: OFC761 where there is no such study, OFC781 where its state
    forbids it, OFC782 where there is no such trial.

    Attributes:
        actor: who, for the record: `alice`, or `root@host` of a command line.
        runner: what runs trials, where the search sleeps and must be woken by an event.
        once: the key of the deed, where it must not be done twice; `DoneBefore` is then raised.
    """

    store: Store
    study: str
    actor: str
    clock: Callable[[], float] = time.time
    runner: str | None = None
    once: Once | None = None

    def pause(self) -> StudyRecord:
        """Proposes nothing more until `resume`; what is under way goes on and counts."""
        with self._acting() as (session, record):
            _must(record.state == "running", record, "paused")
            session.change(state="paused")
            return self._done(session, "pause", {})

    def resume(self) -> StudyRecord:
        """Goes on with a study that was paused or stopped."""
        with self._acting() as (session, record):
            stopped = record.state == "completed" and record.reason == "stopped"
            _must(record.state == "paused" or stopped, record, "resumed")
            session.change(state="running", reason=None, finished=None)
            return self._done(session, "resume", {})

    def stop(self) -> StudyRecord:
        """Ends the study; what is under way is cancelled."""
        with self._acting() as (session, record):
            _must(record.state != "completed", record, "stopped")
            session.complete("stopped", self.clock())
            return self._done(session, "stop", {})

    def extend(self, extension: Extension) -> StudyRecord:
        """Adds to the budget; a study that ended for want of it goes on.

        Raises:
            Problem: it adds nothing, or to what the spec does not bound.
        """
        added = {name: value for name, value in asdict(extension).items() if value}
        with self._acting() as (session, record):
            budget = search_of(_program(record)).budget
            for name, value in added.items():
                if value < 0 or getattr(budget, name) is None:
                    raise Problem(
                        FORBIDDEN,
                        f"the budget of `{self.study}` has no bound `{name}` to extend"
                        if value > 0
                        else f"`{name}` cannot be made less by `extend`",
                        "extend what the spec bounds, by more than nothing",
                    )
            if not added:
                raise Problem(FORBIDDEN, "nothing is added to the budget", "add `--trials 20`")
            extra = dict(record.extra)
            for name, value in added.items():
                extra[name] = extra.get(name, 0.0) + value
            session.change(extra=json.dumps(extra, sort_keys=True))
            if record.state == "completed" and record.reason in REOPENED:
                session.change(state="running", reason=None, finished=None)
            return self._done(session, "extend", added)

    def cancel(self, trial: int) -> Trial:
        """Ends one trial without a result; its worker is told at its next heartbeat."""
        with self._acting() as (session, record):
            _under_way(session, record, trial)
            session.cancel([trial], f"cancelled by {self.actor}", self.clock())
            self._done(session, "cancel", {"trial": trial})
            return _trial(session, trial)

    def end_early(self, trial: int) -> Trial:
        """Asks one trial to end and to report what it has, which then is its result."""
        with self._acting() as (session, record):
            _under_way(session, record, trial)
            session.change_trial(trial, stop=self.clock())
            self._done(session, "end-early", {"trial": trial})
            return _trial(session, trial)

    def add(self, arguments: Mapping[str, object]) -> Trial:
        """Proposes one trial by hand; it counts against the budget, and may exceed it.

        Raises:
            Problem: OFC783, the arguments are no point of the space.
        """
        with self._acting() as (session, record):
            _must(record.state != "completed", record, "given a trial")
            point = given_point(search_of(_program(record)).space, arguments)
            now = self.clock()
            (number,) = session.propose([point], now, "person")
            if self.runner is not None:
                session.put([trial_requested(self.study, number, 1, self.runner, now)], now)
            self._done(session, "add", {"trial": number, "point": point})
            return _trial(session, number)

    def rate(self, trial: int, rating: float | None) -> Trial:
        """Says what a person thinks of a trial, as its metric `rating`; None takes it back."""
        with self._acting() as (session, _):
            _trial(session, trial)
            session.change_trial(trial, rating=rating)
            self._done(session, "rate", {"trial": trial, "rating": rating})
            return _trial(session, trial)

    def revise(self, program: Program, text: str, *, generation: int = 0) -> Revision:
        """Changes the spec of the study; its trials are kept, imputed or invalidated.

        As `ofc diff` says it of each. What is under way and would answer another question is
        cancelled; a study that was over goes on.

        Args:
            program: of the changed spec, complete.
            text: the same as JSON text.
            generation: of the deployment that brings it, where one does.

        Raises:
            Problem: OFC784, it is not a spec of this study.
        """
        with self._acting() as (session, record):
            now = self.clock()
            revision = revise(session, record, program, text, now)
            kept = {k: v for k, v in asdict(revision).items() if k != "cancelled"}
            deployed = {"generation": generation} if generation else {}
            self._done(session, "revise", {**kept, **deployed, "digest": program.digest})
            return revision

    @contextmanager
    def _acting(self) -> Generator[tuple[Session, StudyRecord]]:
        with self.store.lock(self.study) as session:
            record = session.study()
            if record is None:
                raise Problem(
                    NO_STUDY, f"there is no study `{self.study}`", "see `ofc status` for what is"
                )
            if self.once is not None:
                self.once.check(session)
            yield session, record

    def _done(
        self, session: Session, action: str, detail: Mapping[str, Value | object]
    ) -> StudyRecord:
        """Writes the deed down and wakes the search; the study as it stands now."""
        now = self.clock()
        position = session.note(self.actor, action, detail, now)
        if self.once is not None:
            self.once.note(session, position, now)
        if self.runner is not None:
            session.put([study_changed(self.study, action, position, now)], now)
        record = session.study()
        assert record is not None  # it was there under this lock
        return record


def _program(record: StudyRecord) -> Program:
    return from_plain(Program, json.loads(record.program))


def _must(allowed: bool, record: StudyRecord, what: str) -> None:
    if allowed:
        return
    reason = "" if record.reason is None else f" ({record.reason})"
    ways = {
        "running": "it runs already",
        "paused": "resume it first",
        "completed": "extend its budget to go on, or start a study of another name",
    }
    raise Problem(
        FORBIDDEN,
        f"the study `{record.name}` is {record.state}{reason} and cannot be {what}",
        ways[record.state],
    )


def _trial(session: Session, number: int) -> Trial:
    found = session.trial(number)
    if found is None:
        raise Problem(
            NO_TRIAL,
            f"the study `{session.name}` has no trial {number}",
            "see `ofc trials` for those that it has",
        )
    return found


def _under_way(session: Session, record: StudyRecord, number: int) -> None:
    trial = _trial(session, number)
    if trial.state not in OUTSTANDING:
        raise Problem(
            FORBIDDEN,
            f"trial {number} of `{record.name}` is over: {trial.state}",
            "see `ofc trials --where 'state == running'` for those that are not",
        )
