"""A study behind the API of another place, with the face that a study here has."""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

from omniforce.compiler.ir.program import Program
from omniforce.spec.plain.values import MalformedPlain, from_plain, to_plain
from omniforce.spec.problem import Problem

from ..http_client import NoAnswer
from ..store.trial import Action, Artifact, CurvePoint, StudyRecord, Trial
from . import as_json
from .access import Change
from .api_client import ApiClient, strange
from .revising import Revision
from .steering import NO_STUDY, Extension
from .trial_filter import TrialFilter

T = TypeVar("T")
PAGE = 1000
"""Trials in one answer."""
MOST_SECONDS = 240
"""Of one stream."""
_RETRIES = 5


@dataclass(frozen=True, slots=True)
class Api:
    """One project of an API."""

    client: ApiClient
    project: str

    @classmethod
    def at(cls, url: str, project: str, token_file: Path | None, ca: Path | None) -> Api:
        """The API at a URL.

        Raises:
            Problem: the URL, the token's file or the certificates cannot be used.
        """
        return cls(ApiClient.at(url, token_file, ca), project)

    def studies(self) -> tuple[str, ...]:
        """The names of the project's studies."""
        return tuple(str(each["name"]) for each in self._pages("/studies", "studies", "name"))

    def only_study(self) -> str:
        """The one study of the project.

        Raises:
            Problem: there is none, or several.
        """
        names = self.studies()
        if len(names) == 1:
            return names[0]
        known = ", ".join(f"`{name}`" for name in names[:20])
        raise Problem(
            NO_STUDY,
            f"the project `{self.project}` has {len(names) or 'no'} studies, and none was named",
            f"name one of {known}" if names else "start one, or name another by `--project`",
        )

    def create(self, program: Program, text: str) -> None:
        """Starts a study from a compiled spec; once more the same is no fault."""
        self.client.ask("POST", self.path("/studies"), text.encode(), _key())

    def path(self, rest: str) -> str:
        """A path in the project."""
        return f"/projects/{quote(self.project, safe='')}{rest}"

    def _pages(self, path: str, name: str, after: str) -> Iterator[Mapping[str, object]]:
        cursor = ""
        while True:
            query = f"?{urlencode({'after': cursor})}" if cursor else ""
            document = self.client.ask("GET", self.path(f"{path}{query}"))
            found = _list(document, name)
            yield from found
            if not found or document.get("next") is None:
                return
            cursor = str(found[-1][after])


@dataclass(slots=True)
class RemoteStudy:
    """A `StudyAccess` by HTTP. Deeds carry a key of their own, so that a repeat does nothing."""

    api: Api
    study: str
    _programs: dict[str, str] = field(default_factory=dict[str, str])

    def record(self) -> StudyRecord:
        """The study itself."""
        return self._study(self._get(""))

    def trials(self, wanted: TrialFilter | None = None) -> tuple[Trial, ...]:
        """Its trials, page by page."""
        wanted = TrialFilter() if wanted is None else wanted
        fixed = [
            *(("state", each) for each in wanted.states),
            *(("failure", each) for each in wanted.failures),
            *(("origin", each) for each in wanted.origins),
            *(("fate", each) for each in wanted.fates),
            *(("where", str(each)) for each in wanted.where),
        ]
        found: list[Trial] = []
        after = wanted.after
        while wanted.most is None or len(found) < wanted.most:
            most = PAGE if wanted.most is None else min(PAGE, wanted.most - len(found))
            query = urlencode([*fixed, ("after", str(after)), ("limit", str(most))])
            document = self._get(f"/trials?{query}")
            page = [_read(Trial, each) for each in _list(document, "trials")]
            found += page
            if document.get("next") is None or not page:
                break
            after = page[-1].number
        return tuple(found)

    def trial(self, number: int) -> Trial:
        """One trial."""
        return _read(Trial, self._get(f"/trials/{number}").get("trial"))

    def curve(self, trial: int | None = None, key: str | None = None) -> tuple[CurvePoint, ...]:
        """What trials pushed while they ran."""
        words = {} if key is None else {"key": key}
        if trial is not None:
            found = _list(self._get(f"/trials/{trial}/curve?{urlencode(words)}"), "points")
            return tuple(_read(CurvePoint, each) for each in found)
        points: list[CurvePoint] = []
        after: object = -1
        while after is not None:
            document = self._get(f"/curve?{urlencode({**words, 'after': after})}")
            points += [_read(CurvePoint, each) for each in _list(document, "points")]
            after = document.get("next")
        return tuple(points)

    def log(self, trial: int) -> str:
        """The end of a trial's output."""
        log = self._get(f"/trials/{trial}/log").get("log")
        return log if isinstance(log, str) else ""

    def artifacts(self, trial: int) -> tuple[Artifact, ...]:
        """The files that a trial left."""
        found = _list(self._get(f"/trials/{trial}/artifacts"), "artifacts")
        return tuple(_read(Artifact, each) for each in found)

    def actions(self, after: int = 0) -> tuple[Action, ...]:
        """What people did to it."""
        found: list[Action] = []
        position: object = after
        while position is not None:
            document = self._get(f"/actions?after={position}")
            found += [_read(Action, each) for each in _list(document, "actions")]
            position = document.get("next")
        return tuple(found)

    def changes(self, seconds: float | None = None) -> Iterator[tuple[Change, ...]]:
        """What there is, then what changes; goes on where the function was away for a while."""
        end = None if seconds is None else time.monotonic() + seconds
        cursor, failures = "", 0
        while end is None or time.monotonic() < end:
            try:
                for kind, document, at in self.api.client.stream(self._watch(end), cursor):
                    cursor, failures = at or cursor, 0
                    change = None if document is None else self._change(kind, document)
                    yield () if change is None else (change,)
                    if kind == "over" or (end is not None and time.monotonic() >= end):
                        return
            except NoAnswer as error:
                failures += 1
                if failures > _RETRIES:
                    raise self.api.client.away(error) from error
                time.sleep(min(5.0, 0.2 * 2**failures))
                yield ()

    def pause(self) -> StudyRecord:
        """See `Steering`."""
        return self._study(self._post("/pause"))

    def resume(self) -> StudyRecord:
        """See `Steering`."""
        return self._study(self._post("/resume"))

    def stop(self) -> StudyRecord:
        """See `Steering`."""
        return self._study(self._post("/stop"))

    def extend(self, extension: Extension) -> StudyRecord:
        """See `Steering`."""
        return self._study(self._post("/extend", to_plain(extension)))

    def cancel(self, trial: int) -> Trial:
        """See `Steering`."""
        return self._trial(self._post(f"/trials/{trial}/cancel"))

    def end_early(self, trial: int) -> Trial:
        """See `Steering`."""
        return self._trial(self._post(f"/trials/{trial}/end-early"))

    def add(self, arguments: Mapping[str, object]) -> Trial:
        """See `Steering`."""
        return self._trial(self._post("/trials", {"parameters": dict(arguments)}))

    def rate(self, trial: int, rating: float | None) -> Trial:
        """See `Steering`."""
        return self._trial(self._post(f"/trials/{trial}/rate", {"rating": rating}))

    def revise(self, program: Program, text: str) -> Revision:
        """See `Steering`."""
        document = self.api.client.ask("POST", self._path("/revise"), text.encode(), _key())
        return _read(Revision, document.get("revision"))

    def close(self) -> None:
        """Nothing is open."""

    def _watch(self, end: float | None) -> str:
        left = MOST_SECONDS if end is None else math.ceil(end - time.monotonic())
        return self._path(f"/watch?seconds={max(1, min(left, MOST_SECONDS))}")

    def _path(self, rest: str) -> str:
        return self.api.path(f"/studies/{quote(self.study, safe='')}{rest}")

    def _get(self, rest: str) -> Mapping[str, object]:
        return self.api.client.ask("GET", self._path(rest))

    def _post(self, rest: str, document: object = None) -> Mapping[str, object]:
        body = b"{}" if document is None else json.dumps(document).encode()
        return self.api.client.ask("POST", self._path(rest), body, _key())

    def _trial(self, document: Mapping[str, object]) -> Trial:
        return _read(Trial, document.get("trial"))

    def _study(self, document: Mapping[str, object]) -> StudyRecord:
        """With the program of its revision, which is asked for once."""
        try:
            digest = str(document["digest"])
            return as_json.study_from_json(document, self._program(digest))
        except (KeyError, MalformedPlain) as error:
            raise strange(str(error)) from error

    def _program(self, digest: str) -> str:
        if digest not in self._programs:
            document = self._get("/program")
            self._programs[digest] = json.dumps(document.get("program"))
        return self._programs[digest]

    def _change(self, kind: str, document: Mapping[str, object]) -> Change | None:
        try:
            program = self._program(str(document.get("digest"))) if kind == "study" else ""
            return as_json.change_from_json(kind, document, program)
        except MalformedPlain as error:
            raise strange(str(error)) from error


def _key() -> str:
    return str(uuid.uuid4())


def _list(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise strange(f"no list `{name}`")
    return found


def _read(type_: type[T], document: object) -> T:
    try:
        return as_json.from_json(type_, document)
    except MalformedPlain as error:
        raise strange(str(error)) from error


def program_of(record: StudyRecord) -> Program:
    """The compiled spec of a study."""
    return from_plain(Program, json.loads(record.program))
