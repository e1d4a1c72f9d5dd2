"""Answers to questions: how studies and trials stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast, get_args

from omniforce.spec.plain.values import to_plain

from ...steering import as_json
from ...steering.stored import StoredStudy
from ...steering.trial_filter import MOST_CONDITIONS, Condition, TrialFilter
from ...store.looking import Look
from ...store.trial import Fate, Origin, StudyRecord, StudyState, Trial, TrialState
from ...trial.contract import FailureClass, Json
from .access_file import EVERY_PROJECT
from .answers import Answer, json_answer, malformed, not_found
from .routes import Call

MOST_STUDIES = 200
MOST_TRIALS = 1000
MOST_ACTIONS = 1000
MOST_CURVES = 100
MOST_LOG = 16_384


def who(call: Call) -> Answer:
    """Who asks, and what they may do."""
    return json_answer({"name": call.identity.name, "roles": dict(call.identity.roles)})


def projects(call: Call) -> Answer:
    """The projects that the caller has a role in and that have a study."""
    mine = {p for p in call.identity.roles if p != EVERY_PROJECT}
    if EVERY_PROJECT in call.identity.roles:
        mine |= set(Look(call.desk.store).projects())
    return json_answer(
        {"projects": [{"name": p, "role": call.identity.role(p)} for p in sorted(mine)]}
    )


def studies(call: Call) -> Answer:
    """A page of a project's studies."""
    most = call.number("limit", 100, 1, MOST_STUDIES)
    states = _one_of(call.words("state"), get_args(StudyState), "state")
    found = Look(call.desk.store).studies(call.project, call.word("after"), most, states)
    return json_answer(
        {
            "studies": [as_json.study_to_json(record) for record in found],
            "next": found[-1].name if len(found) == most else None,
        }
    )


def metrics(call: Call) -> Answer:
    """A project's studies in Prometheus' text form."""
    from ...telemetry.exposition import CONTENT_TYPE, exposition
    from ...telemetry.study_figures import study_figures

    figures = study_figures(call.desk.store, call.project)
    return Answer(200, exposition(None, figures), CONTENT_TYPE)


def study(call: Call) -> Answer:
    """One study."""
    return json_answer(study_document(call, call.study))


def study_document(call: Call, record: StudyRecord) -> dict[str, Json]:
    """A study with what its trials have come to."""
    store = call.desk.store
    return {
        **as_json.study_to_json(record),
        "trials": dict(Look(store).counts(record.name)),
        "lastAction": store.last_action(record.name),
    }


def program(call: Call) -> Answer:
    """The compiled spec of a study, of its latest revision or of an older one."""
    number = call.number("revision", call.study.revision, 1, 10**6)
    text = call.study.program
    if number != call.study.revision:
        older = call.desk.store.program(call.study.name, number)
        if older is None:
            raise not_found("revision")
        text = older
    return json_answer({"revision": number, "program": json.loads(text)})


def trials(call: Call) -> Answer:
    """A page of a study's trials, those that are wanted."""
    most = call.number("limit", 100, 1, MOST_TRIALS)
    where = call.words("where")
    if len(where) > MOST_CONDITIONS:
        raise malformed(f"there are more than {MOST_CONDITIONS} `where`")
    wanted = TrialFilter(
        states=cast(
            "tuple[TrialState, ...]", _one_of(call.words("state"), get_args(TrialState), "state")
        ),
        failures=_one_of(call.words("failure"), get_args(FailureClass), "failure"),
        origins=cast(
            "tuple[Origin, ...]", _one_of(call.words("origin"), get_args(Origin), "origin")
        ),
        fates=cast("tuple[Fate, ...]", _one_of(call.words("fate"), get_args(Fate), "fate")),
        where=tuple(map(Condition.read, where)),
        after=call.number("after", -1, -1, 10**9),
        most=most,
    )
    found = access(call).trials(wanted)
    return json_answer(
        {
            "trials": [as_json.to_json(each) for each in found],
            "next": found[-1].number if len(found) == most else None,
        }
    )


def trial(call: Call) -> Answer:
    """One trial with all that there is of it."""
    here = access(call)
    found = here.trial(call.trial)
    return json_answer(
        {
            "trial": as_json.to_json(found),
            "curve": [as_json.to_json(point) for point in here.curve(found.number)],
            "log": here.log(found.number)[-MOST_LOG:],
            "artifacts": [as_json.to_json(each) for each in here.artifacts(found.number)],
        }
    )


def trial_document(found: Trial) -> dict[str, Json]:
    """One trial by itself."""
    return {"trial": as_json.to_json(found)}


def trial_curve(call: Call) -> Answer:
    """What one trial pushed while it ran."""
    here = access(call)
    points = here.curve(here.trial(call.trial).number, call.word("key") or None)
    return json_answer({"points": [as_json.to_json(point) for point in points]})


def log(call: Call) -> Answer:
    """The end of a trial's output."""
    return json_answer({"log": access(call).log(call.trial)[-MOST_LOG:]})


def artifacts(call: Call) -> Answer:
    """The files that a trial left."""
    here = access(call)
    found = here.artifacts(here.trial(call.trial).number)
    return json_answer({"artifacts": [as_json.to_json(each) for each in found]})


def artifact(call: Call) -> Answer:
    """The content of a file, where the store has it."""
    content = call.desk.store.artifact(
        call.study.name, call.trial, int(call.names["attempt"]), call.names["name"]
    )
    if content is None:
        raise not_found("artifact")
    headers = (("content-disposition", "attachment"), ("x-content-type-options", "nosniff"))
    return Answer(200, content, "application/octet-stream", headers)


def curve(call: Call) -> Answer:
    """What the trials of a study pushed while they ran, some trials at a time."""
    points, last = Look(call.desk.store).curves(
        call.study.name,
        call.word("key") or None,
        call.number("after", -1, -1, 10**9),
        call.number("limit", MOST_CURVES, 1, MOST_CURVES),
    )
    return json_answer({"points": [as_json.to_json(point) for point in points], "next": last})


def actions(call: Call) -> Answer:
    """What people did to a study, oldest first."""
    found = call.desk.store.actions(call.study.name, call.number("after", 0, 0, 10**15))
    page = found[:MOST_ACTIONS]
    return json_answer(
        {
            "actions": [as_json.to_json(each) for each in page],
            "next": page[-1].position if len(found) > len(page) else None,
        }
    )


def access(call: Call) -> StoredStudy:
    """The study of the path, as commands see it."""
    return StoredStudy(call.desk.store, call.study.name, call.identity.name)


def plain(value: object) -> Mapping[str, Json]:
    """One of our values as JSON."""
    return cast("Mapping[str, Json]", to_plain(value))


def _one_of(found: tuple[str, ...], known: Sequence[str], name: str) -> tuple[str, ...]:
    if not set(found) <= set(known):
        raise malformed(f"`{name}` is none of {', '.join(known)}")
    return found
