"""What the API does to studies: once, written down, and told to the search."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from omniforce.compiler.events import STUDY_CHANGED, STUDY_STARTED, TRIAL_REQUESTED
from omniforce.runtime.events import study_started

from ..fake_cluster import Broker
from .conftest import Fill, Service, compiled, study_json

S = "/projects/vision/studies/s"


@pytest.fixture
def begun(service: Service) -> Service:
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    return service


def told(broker: Broker, count: int) -> list[str]:
    """The types of what the broker got, once there are so many: they are sent after the answer."""
    for _ in range(600):
        if len(broker.events) >= count:
            break
        time.sleep(0.05)
    return [event.type for event in broker.events]


def deeds(service: Service) -> list[tuple[str, str, object]]:
    """What was done by whom; without what only the store knows."""
    found = service.get(f"{S}/actions").json["actions"]
    return [(each["actor"], each["action"], json.loads(each["detail"])) for each in found]


def test_a_study_is_started_once(begun: Service, broker: Broker) -> None:
    again = begun.post("/projects/vision/studies", study_json(compiled()))
    assert (again.status, again.json["project"]) == (200, "vision")
    assert told(broker, 1) == [STUDY_STARTED]
    assert broker.events[0].id == study_started("s", 0.0).id
    assert deeds(begun) == [("ada", "create", {"digest": compiled().digest})]


def test_a_name_that_is_taken_is_a_conflict_and_says_nothing_of_who_has_it(begun: Service) -> None:
    other = study_json(compiled(last=9))
    here = begun.post("/projects/vision/studies", other)
    elsewhere = begun.post("/projects/sound/studies", other, "nina")
    same = begun.post("/projects/sound/studies", study_json(compiled()), "nina")
    assert (here.status, here.code) == (409, "OFC756")
    assert here.body == elsewhere.body == same.body
    assert b"vision" not in elsewhere.body


def test_each_deed_is_done_written_down_and_told(begun: Service, broker: Broker) -> None:
    assert begun.post(f"{S}/pause", who="olga").json["state"] == "paused"
    assert begun.post(f"{S}/resume", who="olga").json["state"] == "running"
    assert begun.post(f"{S}/extend", {"trials": 5}, "olga").json["extra"] == {"trials": 5}
    added = begun.post(f"{S}/trials", {"parameters": {"x": 7}}, "olga")
    assert (added.status, added.json["trial"]["point"]) == (201, {"x": 7})
    assert begun.post(f"{S}/trials/0/end-early", {}, "olga").json["trial"]["stop"] is not None
    assert begun.post(f"{S}/trials/0/rate", {"rating": 4}, "olga").json["trial"]["rating"] == 4
    assert begun.post(f"{S}/trials/0/cancel", {}, "olga").json["trial"]["state"] == "cancelled"
    revised = begun.post(f"{S}/revise", study_json(compiled(last=5)))
    assert revised.json["revision"] == {
        "number": 2,
        "kept": 0,
        "imputed": 0,
        "invalidated": 1,
        "cancelled": [],
    }
    assert begun.post(f"{S}/stop", who="olga").json["reason"] == "stopped"
    assert [(who, what) for who, what, _ in deeds(begun)] == [
        ("ada", "create"),
        ("olga", "pause"),
        ("olga", "resume"),
        ("olga", "extend"),
        ("olga", "add"),
        ("olga", "end-early"),
        ("olga", "rate"),
        ("olga", "cancel"),
        ("ada", "revise"),
        ("olga", "stop"),
    ]
    kinds = told(broker, 11)
    assert kinds.count(STUDY_CHANGED) == 9
    assert kinds.count(TRIAL_REQUESTED) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("extend", {"trials": 3}),
        ("trials", {"parameters": {"x": 1}}),
        ("pause", None),
        ("revise", study_json(compiled(last=5))),
    ],
)
def test_a_repeat_with_the_same_key_does_nothing(
    begun: Service, path: str, body: object, broker: Broker
) -> None:
    first = begun.post(f"{S}/{path}", body, key="k-1")
    again = begun.post(f"{S}/{path}", body, key="k-1")
    assert first.status in (200, 201)
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.json == first.json
    assert len(deeds(begun)) == 2  # with `create`


def test_a_key_is_for_one_thing_of_one_person(begun: Service) -> None:
    assert begun.post(f"{S}/extend", {"trials": 3}, key="k").status == 200
    assert begun.post(f"{S}/extend", {"trials": 4}, key="k").code == "OFC845"
    assert begun.post(f"{S}/pause", key="k").status == 422
    assert begun.post(f"{S}/extend", {"trials": 3}, "olga", key="k").json["extra"] == {"trials": 6}
    assert begun.post(f"{S}/pause", key="k\x7f").code == "OFC834"
    assert begun.post(f"{S}/pause", key="k" * 201).code == "OFC834"


def test_of_many_at_once_with_one_key_one_is_done(begun: Service) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: begun.post(f"{S}/trials", {"parameters": {"x": 1}}, key="k"), range(16)
            )
        )
    assert sorted(each.status for each in answers) == [200] * 15 + [201]
    assert len(begun.get(f"{S}/trials").json["trials"]) == 1


def test_one_key_at_once_for_two_studies_is_done_for_one(begun: Service) -> None:
    assert begun.post("/projects/vision/studies", study_json(compiled("t"))).status == 201
    places = [f"/projects/vision/studies/{name}/pause" for name in "st" * 8]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda place: begun.post(place, key="k"), places))
    assert {each.status for each in answers} == {200, 422}
    paused = begun.get("/projects/vision/studies?state=paused").json["studies"]
    assert len(paused) == 1


def test_a_refused_deed_leaves_its_key_free(begun: Service) -> None:
    assert begun.post(f"{S}/resume", key="k").code == "OFC781"
    assert begun.post(f"{S}/pause").status == 200
    assert begun.post(f"{S}/resume", key="k").json["state"] == "running"


def test_conditions_that_are_not_looked_at_are_refused(begun: Service) -> None:
    said = begun.ask("POST", f"/v1{S}/pause", headers={"if-match": '"1"'})
    assert (said.status, said.code) == (400, "OFC834")
    assert begun.get(S).json["state"] == "running"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("resume", None, 409, "OFC781"),
        ("extend", {"usd": 5}, 409, "OFC781"),
        ("extend", {}, 409, "OFC781"),
        ("extend", {"trials": 1.5}, 400, "OFC834"),
        ("extend", {"trials": 10**30}, 400, "OFC834"),
        ("extend", {"trials": -1}, 409, "OFC781"),
        ("extend", {"wallClock": "1h"}, 400, "OFC834"),
        ("extend", {"sheep": 1}, 400, "OFC834"),
        ("trials", {"parameters": {"x": 1001}}, 422, "OFC783"),
        ("trials", {"parameters": {"y": 1}}, 422, "OFC783"),
        ("trials", {"parameters": {}}, 422, "OFC783"),
        ("trials", {"parameters": [1]}, 400, "OFC834"),
        ("trials", {}, 400, "OFC834"),
        ("trials/0/cancel", None, 404, "OFC782"),
        ("trials/0/rate", {"rating": 5}, 404, "OFC782"),
        ("trials/0/rate", {"rating": True}, 400, "OFC834"),
        ("trials/0/rate", {"rating": "5"}, 400, "OFC834"),
        ("trials/0/rate", {}, 400, "OFC834"),
        ("trials/0/rate", b'{"rating": NaN}', 400, "OFC834"),
        ("trials/0/rate", b'{"rating": 1e999}', 400, "OFC834"),
        ("revise", {}, 400, "OFC834"),
        ("revise", study_json(compiled("t")), 409, "OFC784"),
        ("revise", study_json(compiled()), 409, "OFC784"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(
    begun: Service, path: str, body: object, status: int, code: str
) -> None:
    said = begun.post(f"{S}/{path}", body)
    assert (said.status, said.code) == (status, code)
    assert len(deeds(begun)) == 1  # `create`


def test_a_program_that_the_compiler_would_not_write_is_refused(service: Service) -> None:
    program = compiled()
    for broken in (
        replace(program, name="../../etc"),
        replace(program, name="S'; DROP TABLE ofc_studies; --"),
        replace(program, digest="sha256:1"),
        replace(program, steps=program.steps[:1]),
    ):
        said = service.post("/projects/vision/studies", study_json(broken))
        assert (said.status, said.code) == (400, "OFC834")
    assert service.get("/projects/vision/studies").json["studies"] == []


def test_a_broker_that_is_away_holds_nobody_and_loses_nothing(
    begun: Service, broker: Broker
) -> None:
    assert told(broker, 1) == [STUDY_STARTED]
    broker.down = True
    assert begun.post(f"{S}/pause").status == 200
    broker.down = False
    assert begun.post(f"{S}/resume").status == 200
    for _ in range(600):
        if sum(event.type == STUDY_CHANGED for event in broker.events) == 2:
            break
        time.sleep(0.05)
    assert told(broker, 3) == [STUDY_STARTED, STUDY_CHANGED, STUDY_CHANGED]


def test_a_person_ends_what_the_strategy_proposed(begun: Service, fill: Fill) -> None:
    store = begun.store()
    fill(store, 1)
    store.close()
    said = begun.post(f"{S}/trials/0/cancel")
    assert (said.status, said.code) == (409, "OFC781")
