"""A study in a store at hand: on this machine, or of the cluster whose function asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem

from ..store.looking import Look
from ..store.store import Store
from ..store.trial import Action, Artifact, CurvePoint, StudyRecord, Trial
from .access import Change
from .revising import Revision
from .steering import NO_STUDY, NO_TRIAL, Extension, Steering
from .trial_filter import TrialFilter
from .watching import Watch

LOOK_SECONDS = 1.0
MOST_LOG = 1024 * 1024
"""Bytes of a log file that are shown, its last."""
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A `StudyAccess` of a store.

    Attributes:
        actor: who steers, for the record.
        runner: what runs trials where the search sleeps; None where it polls the store.
        log_of: where a trial's whole output is; None where there is only the end in the store.
        owns_store: whether closing this closes the store.
    """

    store: Store
    study: str
    actor: str
    runner: str | None = None
    log_of: Callable[[int], Path] | None = None
    owns_store: bool = False

    def record(self) -> StudyRecord:
        """The study itself."""
        found = self.store.study(self.study)
        if found is None:
            raise Problem(
                NO_STUDY, f"there is no study `{self.study}`", "see `ofc status` for what is"
            )
        return found

    def trials(self, wanted: TrialFilter | None = None) -> tuple[Trial, ...]:
        """Its trials, read page by page where only some are wanted."""
        wanted = TrialFilter() if wanted is None else wanted
        among = {
            "state": wanted.states,
            "failure": wanted.failures,
            "origin": wanted.origins,
            "fate": wanted.fates,
        }
        look = Look(self.store)
        if not wanted.where or wanted.most is None:
            most = None if wanted.where else wanted.most
            found = look.trials(self.study, after=wanted.after, most=most, among=among)
            return tuple(filter(wanted.wants, found))
        kept: list[Trial] = []
        after = wanted.after
        while len(kept) < wanted.most:
            page = look.trials(self.study, after=after, most=_PAGE, among=among)
            kept += filter(wanted.wants, page)
            if len(page) < _PAGE:
                break
            after = page[-1].number
        return tuple(kept[: wanted.most])

    def trial(self, number: int) -> Trial:
        """One trial."""
        found = Look(self.store).trial(self.study, number)
        if found is None:
            raise Problem(
                NO_TRIAL,
                f"the study `{self.study}` has no trial {number}",
                "see `ofc trials` for those that it has",
            )
        return found

    def curve(self, trial: int | None = None, key: str | None = None) -> tuple[CurvePoint, ...]:
        """What trials pushed while they ran."""
        return self.store.curve(self.study, trial, key)

    def log(self, trial: int) -> str:
        """Its file where there is one, else the end that the store keeps."""
        place = None if self.log_of is None else self.log_of(trial)
        if place is not None and place.exists():
            with place.open("rb") as file:
                file.seek(max(0, place.stat().st_size - MOST_LOG))
                return file.read(MOST_LOG).decode("utf-8", "replace")
        return self.store.tail(self.study, self.trial(trial).number)

    def artifacts(self, trial: int) -> tuple[Artifact, ...]:
        """The files that a trial left."""
        return self.store.artifacts(self.study, trial)

    def actions(self, after: int = 0) -> tuple[Action, ...]:
        """What people did to it."""
        return self.store.actions(self.study, after)

    def changes(self, seconds: float | None = None) -> Iterator[tuple[Change, ...]]:
        """What there is, then what changes."""
        watch = Watch(self.store, self.record().name)
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            yield watch.look()
            if watch.has_more:
                continue
            if watch.is_over or (end is not None and time.monotonic() >= end):
                return
            time.sleep(LOOK_SECONDS)

    def pause(self) -> StudyRecord:
        """See `Steering`."""
        return self._steering.pause()

    def resume(self) -> StudyRecord:
        """See `Steering`."""
        return self._steering.resume()

    def stop(self) -> StudyRecord:
        """See `Steering`."""
        return self._steering.stop()

    def extend(self, extension: Extension) -> StudyRecord:
        """See `Steering`."""
        return self._steering.extend(extension)

    def cancel(self, trial: int) -> Trial:
        """See `Steering`."""
        return self._steering.cancel(trial)

    def end_early(self, trial: int) -> Trial:
        """See `Steering`."""
        return self._steering.end_early(trial)

    def add(self, arguments: Mapping[str, object]) -> Trial:
        """See `Steering`."""
        return self._steering.add(arguments)

    def rate(self, trial: int, rating: float | None) -> Trial:
        """See `Steering`."""
        return self._steering.rate(trial, rating)

    def revise(self, program: Program, text: str) -> Revision:
        """See `Steering`."""
        return self._steering.revise(program, text)

    def close(self) -> None:
        """Closes the store, where it is this one's own."""
        if self.owns_store:
            self.store.close()

    @property
    def _steering(self) -> Steering:
        return Steering(self.store, self.study, self.actor, runner=self.runner)
