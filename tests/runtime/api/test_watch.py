"""The stream of what changes."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from omniforce.runtime.steering import watching
from omniforce.runtime.steering.access import Change, TrialNow
from omniforce.runtime.steering.watching import Cursor, Watch
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialReport

from .conftest import Service, compiled, study_json, token_of

S = "/projects/vision/studies/s"


@pytest.fixture
def begun(service: Service) -> Service:
    assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
    return service


def events(service: Service, seconds: int, since: str = "") -> Iterator[tuple[str, Any, str]]:
    """Kind, document and id of each event, until the stream ends."""
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    headers = {"authorization": f"Bearer {token_of('vera')}"}
    if since:
        headers["last-event-id"] = since
    line.request("GET", f"/v1{S}/watch?seconds={seconds}", headers=headers)
    answer = line.getresponse()
    assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream")
    for block in answer.read().decode().split("\n\n"):
        fields = dict(each.split(": ", 1) for each in block.split("\n") if ": " in each)
        if "event" in fields:
            yield fields["event"], json.loads(fields["data"]), fields.get("id", "")
    line.close()


def propose(store: Store, count: int) -> None:
    with store.lock("s") as session:
        session.propose([{"x": n} for n in range(count)], store.clock())


def test_first_comes_what_there_is_and_then_what_changes(begun: Service) -> None:
    store = begun.store()
    propose(store, 2)
    begin = threading.Timer(1.2, _run, [store])
    begin.start()
    seen = list(events(begun, 4))
    begin.join()
    told = [(k, d["number"], d["state"]) for k, d, _ in seen if k == "trial"]
    assert told[:2] == [("trial", 0, "proposed"), ("trial", 1, "proposed")]
    assert told[-1] == ("trial", 0, "completed")
    assert [d["action"] for k, d, _ in seen if k == "action"] == ["create", "pause"]
    assert [d["state"] for k, d, _ in seen if k == "study"] == ["running", "paused"]
    store.close()


def _run(store: Store) -> None:
    now = store.clock()
    store.lease("s", 0, 1, "w", 60.0, now)
    store.record("s", 0, 1, "w", [Point(0, "loss", 1.0)], now)
    report = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)
    store.finish("s", 0, 1, report, now)
    with store.lock("s") as session:
        session.change(state="paused")
        session.note("olga", "pause", {}, now)


def test_who_comes_back_goes_on_from_where_they_were(begun: Service) -> None:
    store = begun.store()
    propose(store, 3)
    last = [at for _, _, at in events(begun, 1) if at][-1]
    propose(store, 1)
    again = list(events(begun, 1, last))
    assert 3 in [d["number"] for k, d, _ in again if k == "trial"]
    assert [k for k, _, _ in again if k == "action"] == []
    store.close()


def test_the_stream_ends_with_the_study(begun: Service) -> None:
    assert begun.post(f"{S}/stop").status == 200
    assert [kind for kind, _, _ in events(begun, 240)][-1] == "over"


def test_a_stream_is_asked_for_with_sense(begun: Service) -> None:
    for query in ("seconds=0", "seconds=241", "seconds=x", "sheep=1"):
        assert begun.get(f"{S}/watch?{query}").code == "OFC834"
    assert begun.get(f"{S}/watch", **{"last-event-id": "x"}).code == "OFC834"


def test_a_cursor_reads_back() -> None:
    cursor = Cursor(-1, 12, 1_800_000_000.0)
    assert Cursor.read(str(cursor)) == cursor
    assert Cursor.read("1.2.3.4") is None
    assert Cursor.read("٣.1.1") is None


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = Store.open(address)
    opened.create_study("s", "{}", "d", 0.0)
    yield opened
    opened.close()


def test_a_look_reads_nothing_of_what_is_over(store: Store) -> None:
    propose(store, 5)
    watch = Watch(store, "s")
    assert len(watch.look()) == 6  # the study and its trials
    assert watch.look() == ()
    store.lease("s", 3, 1, "w", 60.0, 1.0)
    store.record("s", 3, 1, "w", [Point(0, "loss", 1.0)], 1.0)
    kinds = [type(change).__name__ for change in watch.look()]
    assert kinds == ["TrialNow", "Pushed"]
    store.heartbeat("s", 3, 1, "w", 90.0, 2.0)
    assert watch.look() == ()  # a heartbeat is no news
    report = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)
    store.finish("s", 3, 1, report, 3.0)
    assert [type(change).__name__ for change in watch.look()] == ["TrialNow"]
    assert watch.look() == ()


def test_a_rating_tells_its_trial_and_a_revision_tells_all(store: Store) -> None:
    propose(store, 3)
    watch = Watch(store, "s")
    watch.look()
    with store.lock("s") as session:
        session.change_trial(1, rating=4.0)
        session.note("olga", "rate", {"trial": 1, "rating": 4.0}, 1.0)
    assert told(watch.look()) == [1]
    with store.lock("s") as session:
        session.complete("budget", 2.0)
    assert told(watch.look()) == [0, 1, 2]
    with store.lock("s") as session:
        session.note("olga", "revise", {}, 3.0)
    assert told(watch.look()) == [0, 1, 2]
    assert watch.look() == ()


def told(changes: tuple[Change, ...]) -> list[int]:
    return [change.trial.number for change in changes if isinstance(change, TrialNow)]


def test_a_study_of_very_many_trials_is_told_page_by_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAGE", 4)
    propose(store, 10)
    watch, pages = Watch(store, "s"), []
    while True:
        pages.append(told(watch.look()))
        if not watch.has_more:
            break
    assert pages == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    again = Watch(store, "s", Cursor(3, 0, store.clock()))
    assert told(again.look()) == [0, 1, 2, 3, 4, 5, 6, 7]
