"""What the API says of studies and trials, as JSON: written by the function, read by the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar, cast

from omniforce.spec.plain.values import MalformedPlain, from_plain, to_plain
from omniforce.spec.readers import camel

from ..store.trial import Action, Artifact, CurvePoint, StudyRecord, Trial
from ..trial.contract import Json
from .access import Acted, Change, Pushed, StudyNow, TrialNow

T = TypeVar("T")
Object = Mapping[str, Json]

KINDS: Mapping[str, type] = {
    "study": StudyNow,
    "trial": TrialNow,
    "point": Pushed,
    "action": Acted,
}
"""What a change is called in the stream of changes."""


def to_json(value: Trial | CurvePoint | Action | Artifact) -> dict[str, Json]:
    """A value as an object of JSON; the keys are its fields in camel case."""
    return cast("dict[str, Json]", to_plain(value))


def study_to_json(record: StudyRecord) -> dict[str, Json]:
    """A study without its compiled spec, which is large and has a place of its own."""
    plain = cast("dict[str, Json]", to_plain(record))
    del plain["program"]
    return plain


def from_json(type_: type[T], document: object) -> T:
    """The value again; keys that a newer server adds are passed over.

    Raises:
        MalformedPlain: it is none.
    """
    if not isinstance(document, dict):
        raise MalformedPlain("", "no object")
    found = cast("dict[str, object]", document)
    known = {camel(field.name) for field in fields(cast("type[Trial]", type_))}
    return from_plain(type_, {key: value for key, value in found.items() if key in known})


def study_from_json(document: object, program: str) -> StudyRecord:
    """A study again, with its compiled spec from its own place.

    Raises:
        MalformedPlain: it is none.
    """
    if not isinstance(document, dict):
        raise MalformedPlain("", "no object")
    return from_json(StudyRecord, {**cast("dict[str, object]", document), "program": program})


def change_to_json(change: Change) -> tuple[str, dict[str, Json]]:
    """What a change is called, and what it says."""
    match change:
        case StudyNow(record):
            return "study", study_to_json(record)
        case TrialNow(trial):
            return "trial", to_json(trial)
        case Pushed(point):
            return "point", to_json(point)
        case Acted(action):
            return "action", to_json(action)


def change_from_json(kind: str, document: object, program: str) -> Change | None:
    """A change again; None where a newer server tells what is not known here.

    Raises:
        MalformedPlain: it is none.
    """
    match kind:
        case "study":
            return StudyNow(study_from_json(document, program))
        case "trial":
            return TrialNow(from_json(Trial, document))
        case "point":
            return Pushed(from_json(CurvePoint, document))
        case "action":
            return Acted(from_json(Action, document))
        case _:
            return None
