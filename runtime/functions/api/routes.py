"""The table of routes: what serves a request, who may send it, what `openapi.json` says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ...store.trial import StudyRecord
from .access_file import PROJECT, Identity, Role
from .answers import Answer, malformed
from .desk import Desk
from .request import Request

STUDY = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
ANY = re.compile(r"[^\x00-\x1f\x7f]{1,200}")

SEGMENTS: Mapping[str, re.Pattern[str]] = {
    "project": PROJECT,
    "study": STUDY,
    "trial": NUMBER,
    "attempt": NUMBER,
    "name": ANY,
}
"""What the variable parts of a path may be; all else is not found."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One word of a query.

    Attributes:
        schema: of one value.
        repeats: whether it may be there several times.
    """

    name: str
    description: str
    schema: Mapping[str, object]
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request that its caller may send, with all that it names looked up.

    Attributes:
        record: of the study that the path names.
        names: the variable parts of the path.
    """

    desk: Desk
    request: Request
    identity: Identity
    names: Mapping[str, str]
    record: StudyRecord | None = None

    @property
    def project(self) -> str:
        """The project of the path."""
        return self.names["project"]

    @property
    def study(self) -> StudyRecord:
        """The study of the path."""
        assert self.record is not None  # every route that asks has it in its path
        return self.record

    @property
    def trial(self) -> int:
        """The number of the trial of the path."""
        return int(self.names["trial"])

    def words(self, name: str) -> tuple[str, ...]:
        """All values of a word of the query."""
        return tuple(self.request.query.get(name, ()))

    def word(self, name: str, default: str = "") -> str:
        """The only value of a word of the query."""
        found = self.words(name)
        if len(found) > 1:
            raise malformed(f"`{name}` is in the query twice")
        return found[0] if found else default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query."""
        text = self.word(name, str(default))
        if not re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII) or not least <= int(text) <= most:
            raise malformed(f"`{name}` is no whole number from {least} to {most}")
        return int(text)


Handler: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One thing that can be asked.

    Attributes:
        path: with `{names}` of `SEGMENTS`.
        role: that the caller has at least, in the project; None where anybody may ask.
        needs_token: whether the caller must be known.
        answers: status to the name of the schema of what it says.
        body: the name of the schema of what is sent.
        kind: `stream` is answered by `watch.py`, and its handler only checks.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    handler: Handler
    answers: Mapping[int, str]
    role: Role | None = "viewer"
    needs_token: bool = True
    query: tuple[Parameter, ...] = ()
    body: str | None = None
    kind: Literal["json", "stream", "bytes", "text"] = "json"
    segments: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.path.split("/")[1:]))

    def match(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """The variable parts of a path that is this one's; None for another."""
        if len(path) != len(self.segments):
            return None
        names: dict[str, str] = {}
        for want, found in zip(self.segments, path, strict=True):
            if want.startswith("{"):
                names[want[1:-1]] = found
            elif want != found:
                return None
        return names
