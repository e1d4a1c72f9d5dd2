"""All routes, in the order in which `openapi.json` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from ...store.trial import Fate, Origin, StudyState, TrialState
from ...trial.contract import FailureClass
from . import deeds, openapi, reading, watch
from .routes import Parameter, Route

_PROJECT = "/v1/projects/{project}/studies"
_STUDY = f"{_PROJECT}/{{study}}"
_TRIALS = f"{_STUDY}/trials"
_TRIAL = f"{_TRIALS}/{{trial}}"


def _limit(most: int) -> Parameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": min(most, 100)}
    return Parameter("limit", "So many at most.", schema)


def _after(what: str, type_: str = "integer") -> Parameter:
    return Parameter(
        "after", f"Only those beyond this {what}: the last answer's `next`.", {"type": type_}
    )


def _some(name: str, what: str, hint: object) -> Parameter:
    schema: Mapping[str, object] = {"type": "string", "enum": list(get_args(hint))}
    return Parameter(name, f"Only those {what}; may repeat.", schema, repeats=True)


_KEY = Parameter("key", "Only this metric.", {"type": "string"})
_WHERE = Parameter(
    "where",
    "Only those of which this holds, such as `accuracy>=0.9` or `family=cnn`; may repeat.",
    {"type": "string"},
    repeats=True,
)

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/openapi.json",
        name="getOpenApi",
        summary="This document.",
        handler=lambda _: openapi.answer(ROUTES),
        answers={200: "Object"},
        role=None,
        needs_token=False,
    ),
    Route(
        method="GET",
        path="/v1/me",
        name="whoAmI",
        summary="Who asks, and what they may do.",
        handler=reading.who,
        answers={200: "Me"},
        role=None,
    ),
    Route(
        method="GET",
        path="/v1/projects",
        name="listProjects",
        summary="The projects that the caller has a role in.",
        handler=reading.projects,
        answers={200: "Projects"},
        role=None,
    ),
    Route(
        method="GET",
        path=_PROJECT,
        name="listStudies",
        summary="The studies of a project, by name.",
        handler=reading.studies,
        answers={200: "Studies"},
        query=(
            _some("state", "in this state", StudyState),
            _after("name", "string"),
            _limit(reading.MOST_STUDIES),
        ),
    ),
    Route(
        method="GET",
        path="/v1/projects/{project}/metrics",
        name="getMetrics",
        summary="How a project's studies stand, as Prometheus scrapes it.",
        handler=reading.metrics,
        answers={200: "Text"},
        kind="text",
    ),
    Route(
        method="POST",
        path=_PROJECT,
        name="createStudy",
        summary="Start a study from a compiled spec, the `study.json` that `ofc compile` writes.",
        handler=deeds.create,
        answers={200: "Study", 201: "Study"},
        role="admin",
        body="Object",
    ),
    Route(
        method="GET",
        path=_STUDY,
        name="getStudy",
        summary="How a study stands.",
        handler=reading.study,
        answers={200: "Study"},
    ),
    Route(
        method="GET",
        path=f"{_STUDY}/program",
        name="getProgram",
        summary="The compiled spec of a study.",
        handler=reading.program,
        answers={200: "Program"},
        query=(
            Parameter(
                "revision", "An older one.", {"type": "integer", "minimum": 1, "maximum": 10**6}
            ),
        ),
    ),
    Route(
        method="GET",
        path=_TRIALS,
        name="listTrials",
        summary="The trials of a study, by number.",
        handler=reading.trials,
        answers={200: "Trials"},
        query=(
            _some("state", "in this state", TrialState),
            _some("failure", "that failed so", FailureClass),
            _some("origin", "proposed so", Origin),
            _some("fate", "that count so under the present spec", Fate),
            _WHERE,
            _after("number"),
            _limit(reading.MOST_TRIALS),
        ),
    ),
    Route(
        method="POST",
        path=_TRIALS,
        name="addTrial",
        summary="Propose one trial by hand; what is not given gets its default.",
        handler=deeds.add,
        answers={200: "TrialAlone", 201: "TrialAlone"},
        role="operator",
        body="Parameters",
    ),
    Route(
        method="GET",
        path=_TRIAL,
        name="getTrial",
        summary="One trial, with its curve, the end of its output, and its files.",
        handler=reading.trial,
        answers={200: "TrialWhole"},
    ),
    Route(
        method="GET",
        path=f"{_TRIAL}/curve",
        name="getTrialCurve",
        summary="What one trial pushed while it ran.",
        handler=reading.trial_curve,
        answers={200: "Curve"},
        query=(_KEY,),
    ),
    Route(
        method="GET",
        path=f"{_TRIAL}/log",
        name="getTrialLog",
        summary="The end of a trial's output.",
        handler=reading.log,
        answers={200: "Log"},
    ),
    Route(
        method="GET",
        path=f"{_TRIAL}/artifacts",
        name="listArtifacts",
        summary="The files that a trial left.",
        handler=reading.artifacts,
        answers={200: "Artifacts"},
    ),
    Route(
        method="GET",
        path=f"{_TRIAL}/artifacts/{{attempt}}/{{name}}",
        name="getArtifact",
        summary="The content of a file that the store has.",
        handler=reading.artifact,
        answers={200: "Bytes"},
        kind="bytes",
    ),
    Route(
        method="POST",
        path=f"{_TRIAL}/cancel",
        name="cancelTrial",
        summary="End one trial without a result.",
        handler=deeds.cancel,
        answers={200: "TrialAlone"},
        role="operator",
        body="Nothing",
    ),
    Route(
        method="POST",
        path=f"{_TRIAL}/end-early",
        name="endTrialEarly",
        summary="Ask one trial to end and to report what it has.",
        handler=deeds.end_early,
        answers={200: "TrialAlone"},
        role="operator",
        body="Nothing",
    ),
    Route(
        method="POST",
        path=f"{_TRIAL}/rate",
        name="rateTrial",
        summary="Say what a person thinks of a trial; null takes it back.",
        handler=deeds.rate,
        answers={200: "TrialAlone"},
        role="operator",
        body="Rating",
    ),
    Route(
        method="GET",
        path=f"{_STUDY}/curve",
        name="getCurves",
        summary="What the trials of a study pushed while they ran, some trials at a time.",
        handler=reading.curve,
        answers={200: "Curves"},
        query=(_KEY, _after("number"), _limit(reading.MOST_CURVES)),
    ),
    Route(
        method="POST",
        path=f"{_STUDY}/pause",
        name="pauseStudy",
        summary="Propose nothing more; what is under way goes on.",
        handler=deeds.pause,
        answers={200: "Study"},
        role="operator",
        body="Nothing",
    ),
    Route(
        method="POST",
        path=f"{_STUDY}/resume",
        name="resumeStudy",
        summary="Go on with a study that was paused or stopped.",
        handler=deeds.resume,
        answers={200: "Study"},
        role="operator",
        body="Nothing",
    ),
    Route(
        method="POST",
        path=f"{_STUDY}/stop",
        name="stopStudy",
        summary="End a study; what is under way is cancelled.",
        handler=deeds.stop,
        answers={200: "Study"},
        role="operator",
        body="Nothing",
    ),
    Route(
        method="POST",
        path=f"{_STUDY}/extend",
        name="extendStudy",
        summary="Add to the budget of a study.",
        handler=deeds.extend,
        answers={200: "Study"},
        role="operator",
        body="Extension",
    ),
    Route(
        method="POST",
        path=f"{_STUDY}/revise",
        name="reviseStudy",
        summary="Change the spec of a study; its trials are kept, imputed or invalidated.",
        handler=deeds.revise,
        answers={200: "RevisionAlone"},
        role="admin",
        body="Object",
    ),
    Route(
        method="GET",
        path=f"{_STUDY}/actions",
        name="listActions",
        summary="What people did to a study, oldest first.",
        handler=reading.actions,
        answers={200: "Actions"},
        query=(_after("position"),),
    ),
    Route(
        method="GET",
        path=f"{_STUDY}/watch",
        name="watchStudy",
        summary="A stream of what changes: events `study`, `trial`, `point`, `action`, `over`.",
        handler=watch.check,
        answers={200: "Stream"},
        query=(
            Parameter(
                "seconds",
                "How long; then ask again with the last event's id as `Last-Event-ID`.",
                {"type": "integer", "minimum": 1, "maximum": watch.MOST_SECONDS, "default": 60},
            ),
        ),
        kind="stream",
    ),
)
