"""dispatch and trials on several nodes: one object an attempt, and none for nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from omniforce.compiler.events import TRIAL_REQUESTED
from omniforce.runtime.events import Event, from_text, source_of, trial_requested
from omniforce.runtime.functions.cluster import Cluster
from omniforce.runtime.functions.server import DONE
from omniforce.runtime.functions.settings import MissingSetting
from omniforce.runtime.functions.training.template import VARIABLE, Template, name_of
from omniforce.runtime.functions.training.trainings import Trainings
from omniforce.runtime.http_client import Answer
from omniforce.runtime.store.store import Store

PATH = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/ns/trainjobs"
TREE = {
    "apiVersion": "trainer.kubeflow.org/v1alpha1",
    "kind": "TrainJob",
    "metadata": {
        "name": "@name@",
        "labels": {"omniforce.dev/trial": "0", "omniforce.dev/attempt": "0"},
    },
    "spec": {
        "trainer": {
            "numNodes": 2,
            "env": [
                {"name": "OFC_EVENT", "value": "@event@"},
                {"name": "PET_RDZV_ENDPOINT", "value": "@name@-node-0-0.@name@:29400"},
            ],
        }
    },
}


class Api:
    """An API server that keeps objects by path, and answers as it is told to."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.status: int | None = None

    def ask(self, method: str, path: str, body: str = "", **_: str) -> Answer:
        if self.status is not None:
            return Answer(self.status, "no")
        if method == "POST":
            tree = json.loads(body)
            name = f"{path}/{tree['metadata']['name']}"
            known = name in self.objects
            self.objects.setdefault(name, tree)
            return Answer(409 if known else 201, "")
        if method == "GET":
            return Answer(200, json.dumps({"items": list(self.objects.values())}))
        return Answer(200 if self.objects.pop(path, None) else 404, "")


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def trainings(api: Api, tmp_path: Path) -> Trainings:
    file = tmp_path / "training.json"
    file.write_text(json.dumps({"resource": "trainjobs", "object": TREE}))
    template = Template.read({VARIABLE: str(file)}, "ns")
    assert template is not None
    return Trainings(cast("Cluster", api), template, "s")


@pytest.fixture
def store(sqlite_address: str) -> Iterator[Store]:
    opened = Store.open(sqlite_address)
    opened.create_study("s", "{}", "sha256:1", 1.0)
    with opened.lock("s") as session:
        session.propose([{"x": n} for n in range(4)], 1.0)
    yield opened
    opened.close()


def test_an_attempt_is_made_once_however_often_it_is_asked_for(
    trainings: Trainings, api: Api
) -> None:
    event = trial_requested("s", 3, 1, "trainjob", 1.0)
    assert [trainings.make(event) for _ in range(2)] == [DONE, DONE]
    ((path, tree),) = api.objects.items()
    assert path == f"{PATH}/s-t3-a1"
    assert tree["metadata"]["labels"] == {
        "omniforce.dev/trial": "3",
        "omniforce.dev/attempt": "1",
    }
    told, endpoint = (each["value"] for each in tree["spec"]["trainer"]["env"])
    assert from_text(told) == event
    assert endpoint == "s-t3-a1-node-0-0.s-t3-a1:29400"


def test_nothing_of_an_event_becomes_structure(trainings: Trainings, api: Api) -> None:
    hostile = Event(
        id='x"}], "command": ["sh"]',
        source=source_of("s"),
        type=TRIAL_REQUESTED,
        data={"study": "@name@", "trial": 1, "attempt": 1, "command": "rm"},
        extensions=(("ofcrunner", "trainjob"), ("evil", "@event@")),
    )
    assert trainings.make(hostile) is DONE
    (tree,) = api.objects.values()
    told = from_text(tree["spec"]["trainer"]["env"][0]["value"])
    assert (told.data, told.extensions) == (
        {"study": "s", "trial": 1, "attempt": 1},
        (("ofcrunner", "trainjob"),),
    )
    assert set(tree["spec"]["trainer"]) == {"numNodes", "env"}


@pytest.mark.parametrize(
    ("runner", "data"),
    [
        ("job", {"trial": 1, "attempt": 1}),
        ("trainjob", {"trial": "1", "attempt": 1}),
        ("trainjob", {"trial": True, "attempt": 1}),
        ("trainjob", {"trial": -1, "attempt": 1}),
        ("trainjob", {"attempt": 1}),
    ],
)
def test_what_is_anothers_or_names_no_trial_is_refused(
    trainings: Trainings, api: Api, runner: str, data: dict[str, Any]
) -> None:
    event = Event(
        id="e",
        source=source_of("s"),
        type=TRIAL_REQUESTED,
        data=data,
        extensions=(("ofcrunner", runner),),
    )
    assert trainings.make(event).status == 422
    assert api.objects == {}


def test_an_api_server_that_is_away_is_asked_again(trainings: Trainings, api: Api) -> None:
    event = trial_requested("s", 0, 1, "trainjob", 1.0)
    api.status = 503
    assert trainings.make(event).status == 503
    api.status = 422
    assert trainings.make(event).status == 422
    api.status = None
    assert trainings.make(event) is DONE


def test_what_nobody_awaits_is_removed_and_the_rest_is_left(
    trainings: Trainings, api: Api, store: Store
) -> None:
    for trial in range(4):
        trainings.make(trial_requested("s", trial, 1, "trainjob", 1.0))
    assert store.lease("s", 0, 1, "s-t0-a1", 60.0, 2.0) is not None
    with store.lock("s") as session:
        session.time_out([0], 3.0)
    api.objects[f"{PATH}/foreign"] = {"metadata": {"name": "foreign", "labels": {"a": "b"}}}
    assert trainings.sweep(store) is DONE
    assert sorted(path.rpartition("/")[2] for path in api.objects) == [
        "foreign",
        "s-t1-a1",
        "s-t2-a1",
        "s-t3-a1",
    ]


def test_a_long_study_has_names_that_controllers_can_still_add_to() -> None:
    names = {name_of("a" * 40, trial, attempt) for trial in (1, 12345) for attempt in (1, 2)}
    assert len(names) == 4
    assert max(map(len, names)) <= 40


@pytest.mark.parametrize("text", ["", "{}", '{"object": [], "resource": "x"}', "[1]"])
def test_a_template_that_is_none_is_said_at_the_start(text: str, tmp_path: Path) -> None:
    file = tmp_path / "training.json"
    file.write_text(text)
    with pytest.raises(MissingSetting):
        Template.read({VARIABLE: str(file)}, "ns")
