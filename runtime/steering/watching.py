"""What has changed in a study since one last looked, found without reading all of it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..store.looking import Look
from ..store.store import Store
from ..store.trial import OUTSTANDING, CurvePoint, StudyRecord, Trial
from .access import Acted, Change, Pushed, StudyNow, TrialNow

SLACK = 30.0
"""Seconds that the clocks of those who write may differ by."""
PAGE = 2000
"""New trials of one look."""
_TOUCHES_ALL = frozenset({"revise", "import"})
"""Actions that may change any trial, also one that is over; `rate` changes one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where somebody has looked to, as one word that fits into a header."""

    top: int
    action: int
    at: float

    def __str__(self) -> str:
        return f"{self.top}.{self.action}.{int(self.at)}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """A cursor out of its word; None where it is none."""
        found = re.fullmatch(r"(-1|[0-9]{1,9})\.([0-9]{1,15})\.([0-9]{1,12})", text, re.ASCII)
        return None if found is None else cls(int(found[1]), int(found[2]), float(found[3]))


class Watch:
    """Looks at a study again and again; each look tells what is new."""

    def __init__(self, store: Store, study: str, since: Cursor | None = None) -> None:
        self._store, self._study, self._look = store, study, Look(store)
        self._top = -1 if since is None else since.top
        self._action = 0 if since is None else since.action
        self._since = since
        self._record: StudyRecord | None = None
        self._known: dict[int, Trial] = {}
        self._seen: set[tuple[int, int, str, int]] = set()
        self._latest = 0.0 if since is None else since.at
        self._pushed = 0.0
        self._more = False

    @property
    def cursor(self) -> Cursor:
        """To go on from in another watch."""
        return Cursor(self._top, self._action, self._latest)

    @property
    def has_more(self) -> bool:
        """Whether another look at once would tell more: a study may have very many trials."""
        return self._more

    @property
    def is_over(self) -> bool:
        """Whether the study is, as it was last seen, and all was told."""
        over = self._record is not None and self._record.state == "completed"
        return over and not self._more

    def look(self) -> tuple[Change, ...]:
        """What has changed; nothing at all where there is no such study any more."""
        record = self._store.study(self._study)
        if record is None:
            return ()
        actions = tuple(self._actions())
        changes: list[Change] = []
        if record != self._record:
            changes.append(StudyNow(record))
        self._record = record
        if any(each.action.action in _TOUCHES_ALL for each in actions):
            self._top = -1  # all is told again, page by page
        rated = {number for each in actions if (number := _rated(each)) is not None}
        changes += map(TrialNow, self._trials(rated))
        changes += map(Pushed, self._points())
        return (*changes, *actions)

    def _actions(self) -> Iterator[Acted]:
        if self._store.last_action(self._study) <= self._action:
            return
        for action in self._store.actions(self._study, self._action):
            yield Acted(action)
            self._action = action.position
            self._latest = max(self._latest, action.at)

    def _trials(self, rated: set[int]) -> Iterator[Trial]:
        found = self._look.moved(self._study, self._top, {*self._known, *rated}, PAGE)
        if self._since is not None:
            late = self._look.ended_since(self._study, self._since.at - SLACK)
            found = tuple({each.number: each for each in (*found, *late)}.values())
            self._since = None
        last = self._look.last(self._study)
        end = min(last, self._top + PAGE)
        self._more = end < last
        self._top = max(self._top, end)
        for trial in found:
            if _told(trial) != self._known.get(trial.number):
                yield trial
            self._latest = max(self._latest, trial.finished or 0.0, trial.requested)
            if trial.state in OUTSTANDING or (trial.state == "timed-out" and not trial.seconds):
                self._known[trial.number] = _told(trial)
            else:
                self._known.pop(trial.number, None)

    def _points(self) -> Iterator[CurvePoint]:
        found = self._look.pushed(self._study, self._known, self._pushed)
        for point in found:
            name = (point.trial, point.attempt, point.key, point.step)
            if name not in self._seen:
                self._seen.add(name)
                yield point
            self._pushed = max(self._pushed, point.at - SLACK)
        if len(self._seen) > 200_000:
            self._seen = {(p.trial, p.attempt, p.key, p.step) for p in found}


def _rated(acted: Acted) -> int | None:
    """The trial that somebody rated."""
    if acted.action.action != "rate":
        return None
    number = json.loads(acted.action.detail).get("trial")
    return number if isinstance(number, int) else None


def _told(trial: Trial) -> Trial:
    """A trial without what changes with every heartbeat."""
    return trial if trial.expires is None else replace(trial, expires=None)
