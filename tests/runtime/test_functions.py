"""Each function over real HTTP: what it takes, what it refuses, and what it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.events import PING, STUDY_STARTED, TRIAL_COMPLETED, TRIAL_REQUESTED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import MAX_BYTES, study_completed, study_started, trial_completed
from omniforce.runtime.functions.deadletter import DeadLetters
from omniforce.runtime.functions.dispatch import Dispatch
from omniforce.runtime.store.trial import DeadLetter
from omniforce.spec.blocks.search import Budget

from .fake_cluster import Pipelines, api_server
from .fake_study import TICK, Cluster, tick


@pytest.fixture
def cluster(
    sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any
) -> Iterator[Cluster]:
    directory = tmp_path / "mounted"
    directory.mkdir()
    cluster = Cluster(sqlite_address, directory, counting)
    cluster.mount(make_program())
    yield cluster
    cluster.close()


def test_a_strategy_that_thinks_long_leaves_the_probes_answered(cluster: Cluster) -> None:
    thinking, go_on = threading.Event(), threading.Event()
    inner = cluster.strategy()

    class Slow:
        name = "slow"

        def bind_space(self, problem: Any) -> Slow:
            return self

        def handle_rewards(self, rewards: Any) -> Slow:
            return self

        def generate_tasks(self, count: int) -> Any:
            thinking.set()
            assert go_on.wait(60)
            return inner.generate_tasks(count)

    cluster.strategy = Slow
    search = cluster.search()
    first = threading.Thread(target=lambda: search.send(study_started("s", 0.0)))
    first.start()
    assert thinking.wait(60)
    assert search.get("health/liveness").status == 200
    assert search.get("health/readiness").status == 200
    assert search.send(tick()).status == 202  # another searcher thinks: nothing to do
    assert cluster.store().trials("s") == ()
    go_on.set()
    first.join()
    assert len(cluster.store().trials("s")) == 2


def test_a_strategy_that_fails_is_answered_with_a_whole_response(cluster: Cluster) -> None:
    def fail() -> Any:
        raise ZeroDivisionError("by design")

    cluster.strategy = fail
    answer = cluster.search().send(study_started("s", 0.0))
    assert (answer.status, json.loads(answer.body)) == (
        500,
        {
            "status": 500,
            "title": "the handler failed",
            "detail": "ZeroDivisionError: by design",
        },
    )


BINARY = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/studies/s"}


@pytest.mark.parametrize(
    ("headers", "body", "status", "title"),
    [
        ({}, b"hello", 400, "not an event"),
        (BINARY | {"ce-type": STUDY_STARTED}, b"{", 400, "not an event"),
        (BINARY | {"ce-type": STUDY_STARTED}, b" " * (MAX_BYTES + 1), 413, None),
        (BINARY | {"ce-type": "some.other.v1"}, b"{}", 422, "not for this function"),
        (BINARY | {"ce-type": PING}, b"{}", 422, "not for this function"),
        (BINARY | {"ce-type": TRIAL_REQUESTED}, b"{}", 422, "not for this function"),
    ],
)
def test_what_the_search_cannot_take_goes_to_the_dead_letter_at_once(
    cluster: Cluster, headers: dict[str, str], body: bytes, status: int, title: str | None
) -> None:
    answer = cluster.search().post(body, headers)
    assert answer.status == status
    assert json.loads(answer.body)["title"] == (title or "the event is too large")


def test_an_event_without_a_length_is_cut_off_too(cluster: Cluster) -> None:
    import http.client

    search = cluster.search()
    connection = http.client.HTTPConnection(search.url.split("/")[2], timeout=60)
    chunks = (b" " * 65536 for _ in range(MAX_BYTES // 65536 + 1))
    connection.request("POST", "/", body=chunks, encode_chunked=True, headers=BINARY)
    assert connection.getresponse().status == 413
    connection.close()


def test_only_post_is_answered(cluster: Cluster) -> None:
    assert cluster.search().get("").status == 405


def test_a_spec_that_is_deployed_later_becomes_the_study_s_own_and_stays_it(
    cluster: Cluster, make_program: Callable[..., Program]
) -> None:
    old = cluster.search(K_REVISION="s-search-00001")
    assert old.send(study_started("s", 0.0)).status == 202
    cluster.mount(replace(make_program(), digest="sha256:2"))
    new = cluster.search(K_REVISION="s-search-00002")
    store = cluster.store()
    for function, revision in ((old, 1), (new, 2), (old, 2), (new, 2)):
        assert function.send(study_started("s", 0.0)).status == 202
        record = store.study("s")
        assert record is not None
        assert (record.revision, record.digest) == (revision, f"sha256:{revision}")


def test_a_store_that_is_away_makes_the_function_unready_and_events_come_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.address = f"sqlite:///{tmp_path / 'later' / 'study.db'}"
    search = cluster.search()
    assert search.get("health/liveness").status == 200
    assert search.get("health/readiness").status == 500
    answer = search.send(study_started("s", 0.0))
    assert (answer.status, json.loads(answer.body)["title"]) == (503, "OFC755")
    (tmp_path / "later").mkdir()
    assert search.get("health/readiness").status == 200
    assert search.send(study_started("s", 0.0)).status == 202


def test_a_trial_of_a_wall_clock_study_is_not_started_after_its_end(
    cluster: Cluster, make_program: Callable[..., Program]
) -> None:
    cluster.mount(make_program(budget=Budget(wall_clock=1e-6)))
    search = cluster.search()
    assert search.send(study_started("s", 0.0)).status == 202
    assert search.send(tick()).status == 202
    study = cluster.store().study("s")
    assert study is not None
    assert study.reason == "wall-clock"


def test_dispatch_makes_the_tick_and_removes_it(cluster: Cluster, tmp_path: Path) -> None:
    path = "/apis/sources.knative.dev/v1/namespaces/ns/pingsources"
    with api_server(tmp_path) as (environment, asked, objects):
        dispatch = cluster.serve(Dispatch(), **environment)
        assert dispatch.get("health/readiness").status == 200
        for _ in range(2):
            assert dispatch.send(study_started("s", 0.0)).status == 202
        assert objects == {f"{path}/s-tick": TICK}
        for _ in range(2):
            assert dispatch.send(study_completed("s", "budget", 0.0)).status == 202
        assert objects == {}
        assert asked == [("POST", path)] * 2 + [("DELETE", f"{path}/s-tick")] * 2


def test_dispatch_is_tried_again_while_the_api_server_refuses(
    cluster: Cluster, tmp_path: Path
) -> None:
    with api_server(tmp_path) as (environment, _, objects):
        dispatch = cluster.serve(Dispatch(), **environment)
        (tmp_path / "token").write_text("an-old-token")
        assert dispatch.send(study_started("s", 0.0)).status == 503
        (tmp_path / "token").write_text("a-token")
        assert dispatch.send(study_started("s", 0.0)).status == 202
        assert len(objects) == 1
    assert dispatch.send(study_completed("s", "budget", 0.0)).status == 503
    assert dispatch.send(trial_completed("s", 0, 1, 0.0)).status == 422
    assert dispatch.send(study_started("other", 0.0)).status == 422


def test_dispatch_starts_the_release_once_and_removes_the_tick_in_any_case(
    cluster: Cluster, tmp_path: Path
) -> None:
    pipelines = Pipelines()
    release = {
        "api": pipelines.url,
        "namespace": "ns",
        "pipeline": "s-release",
        "version": "v1",
        "account": "s-pipeline",
    }
    (cluster.directory / "release.json").write_text(json.dumps(release))
    with api_server(tmp_path) as (environment, _, objects):
        dispatch = cluster.serve(Dispatch(), **environment)
        dispatch.send(study_started("s", 0.0))
        over = study_completed("s", "budget", 0.0)
        pipelines.status = 500
        assert dispatch.send(over).status == 503
        assert objects == {}
        pipelines.status = 400
        assert dispatch.send(over).status == 422
        pipelines.status = 200
        assert [dispatch.send(over).status for _ in range(2)] == [202, 202]
    assert [run["display_name"] for run in pipelines.runs] == ["v1"]
    pipelines.close()


def test_dispatch_without_an_identity_is_not_ready(cluster: Cluster, tmp_path: Path) -> None:
    dispatch = cluster.serve(Dispatch(), OFC_IDENTITY=str(tmp_path / "none"))
    assert dispatch.get("health/readiness").status == 500
    assert dispatch.send(study_started("s", 0.0)).status == 503


def test_dead_letters_are_kept_with_their_cause(cluster: Cluster) -> None:
    deadletter = cluster.serve(DeadLetters(clock=lambda: 5.0))
    event = trial_completed("s", 3, 1, 0.0)
    dead = replace(
        event,
        extensions=(
            ("knativeerrorcode", "503"),
            ("knativeerrordata", "YXdheQ=="),
            ("knativeerrordest", "http://s-search"),
        ),
    )
    for _ in range(2):
        assert deadletter.send(dead).status == 202
    assert deadletter.post(b"\xff\x00", {}).status == 202
    first, second = cluster.store().dead_letters()
    assert {first.id, second.id} == {event.id, second.id if first.id == event.id else first.id}
    kept = first if first.id == event.id else second
    assert replace(kept, event="") == DeadLetter(
        "/studies/s", event.id, TRIAL_COMPLETED, "503 from http://s-search: away", "", 5.0
    )
