"""The functions over real HTTP: a whole study, and all that may go wrong on its way."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.runtime.engine import advance
from omniforce.runtime.events import (
    MAX_BYTES,
    PING,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
    Event,
    ping_source,
    study_completed,
    study_started,
    trial_completed,
)
from omniforce.runtime.functions.deadletter import DeadLetters
from omniforce.runtime.functions.dispatch import Dispatch
from omniforce.runtime.functions.search import Search
from omniforce.runtime.functions.server import EventServer
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import DeadLetter, Trial
from omniforce.runtime.trial.contract import Phase, TrialReport, TrialRequest
from omniforce.runtime.trial.job import DONE, Surroundings, main
from omniforce.spec.blocks.search import Budget
from omniforce.spec.plain import to_plain

from .fake_cluster import Broker, Function, Jobs, Pipelines, api_server, trigger

TICK = {"metadata": {"name": "s-tick"}, "kind": "PingSource"}


def tick(number: int = 0) -> Event:
    return Event(
        id=f"ping-{number}", source=ping_source("ns", "s-tick"), type=PING, data={"study": "s"}
    )


@dataclass
class Cluster:
    """A study's surroundings; `trained` counts how often each trial was really run."""

    address: str
    directory: Path
    strategy: Callable[[], Any]
    broker: Broker = field(default_factory=Broker)
    trained: Counter[tuple[int, int]] = field(default_factory=Counter)
    functions: list[Function] = field(default_factory=list)
    jobs: list[Jobs] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OFC_STUDY": "s",
            "OFC_NAMESPACE": "ns",
            "OFC_BROKER": self.broker.url,
            "OFC_STORE_URL": self.address,
            "OFC_CONFIG": str(self.directory),
        }

    def mount(self, program: Program) -> None:
        (self.directory / "study.json").write_text(json.dumps(to_plain(program)))
        (self.directory / "tick.json").write_text(json.dumps(TICK))

    def serve(self, handler: Any, *types: str, **extra: str) -> Function:
        function = Function(EventServer(handler), self.environment | extra)
        self.functions.append(function)
        if types:
            self.broker.subscribers.append(trigger(function, *types))
        return function

    def search(self) -> Function:
        handler = Search(lambda _: self.strategy())
        return self.serve(handler, STUDY_STARTED, TRIAL_COMPLETED, PING)

    def sink(self, **options: Any) -> Jobs:
        jobs = Jobs(self.directory / f"jobs-{len(self.jobs)}", self.job, **options)
        self.jobs.append(jobs)
        self.broker.subscribers.append(jobs)
        return jobs

    def job(self, mounted: Path) -> int:
        environment = self.environment | {"K_EVENT_PATH": str(mounted)}
        return main(environment, Surroundings(self.train, pauses=(0.01, 0.01, 0.01)))

    def train(self, request: TrialRequest, entering: Callable[[Phase], None]) -> TrialReport:
        entering("running")
        self.trained[request.trial, request.attempt] += 1
        x = request.arguments["x"]
        assert isinstance(x, int)
        return TrialReport(outcome="completed", metrics={"accuracy": x / 10}, seconds=0.1)

    def store(self) -> Store:
        store = Store.open(self.address)
        self.stores.append(store)
        return store

    def await_end(self) -> tuple[Trial, ...]:
        store = self.store()
        for _ in range(6000):
            study = store.study("s")
            told = any(event.type == STUDY_COMPLETED for event in self.broker.events)
            if study is not None and study.state == "completed" and told:
                return store.trials("s")
            time.sleep(0.01)
        raise TimeoutError(f"{store.trials('s')}")

    def close(self) -> None:
        for jobs in self.jobs:
            jobs.close()
        for function in self.functions:
            function.stop()
        for store in self.stores:
            store.close()
        self.broker.close()


@pytest.fixture
def cluster(
    address: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any
) -> Iterator[Cluster]:
    directory = tmp_path / "mounted"
    directory.mkdir()
    cluster = Cluster(address, directory, counting)
    cluster.mount(make_program())
    yield cluster
    cluster.close()


def is_whole(trials: tuple[Trial, ...]) -> bool:
    return [(t.state, t.attempt, dict(t.point), dict(t.metrics), t.round) for t in trials] == [
        ("completed", 1, {"x": n}, {"accuracy": n / 10}, n // 2) for n in range(6)
    ]


ONCE = Counter({(n, 1): 1 for n in range(6)})


def test_a_study_runs_from_started_to_completed(cluster: Cluster) -> None:
    cluster.search()
    jobs = cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE
    assert cluster.broker.dead == []
    jobs.close()
    assert jobs.codes == [DONE] * 6
    # One may be sent twice where two handlers empty the outbox at once; it is the same event.
    known = {event.id: event.type for event in cluster.broker.events}
    kinds = Counter(known.values())
    assert kinds == {STUDY_STARTED: 1, TRIAL_REQUESTED: 6, TRIAL_COMPLETED: 6, STUDY_COMPLETED: 1}
    store = cluster.store()
    assert store.unsent("s", kinds) == ()


def test_every_event_twice_makes_no_difference(cluster: Cluster) -> None:
    cluster.broker.copies = 2
    cluster.search()
    cluster.sink(forgets=True)
    cluster.broker.deliver(study_started("s", 0.0))
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE
    assert cluster.broker.dead == []


def test_events_out_of_order_make_no_difference(cluster: Cluster) -> None:
    turns = itertools.cycle([True, False, False, True, False])
    lock = threading.Lock()

    def shuffle() -> bool:
        with lock:
            return next(turns)

    cluster.broker.copies = 2
    cluster.broker.shuffle = shuffle
    cluster.search()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    stop = threading.Event()

    def nudge() -> None:
        while not stop.wait(0.05):
            cluster.broker.release()

    thread = threading.Thread(target=nudge)
    thread.start()
    try:
        assert is_whole(cluster.await_end())
    finally:
        stop.set()
        thread.join()
    assert cluster.trained == ONCE


def test_two_search_functions_at_once_make_no_difference(cluster: Cluster) -> None:
    cluster.search()
    cluster.search()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE


def test_two_runners_of_one_event_train_once(cluster: Cluster) -> None:
    cluster.search()
    cluster.sink()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE


def test_a_search_killed_between_commit_and_send_loses_nothing(
    cluster: Cluster, make_program: Callable[..., Program], counting: Any
) -> None:
    program = make_program()
    store = cluster.store()
    now = time.time()
    store.create_study("s", json.dumps(to_plain(program)), program.digest, now)
    advance(store, program, lambda _: counting(), now, runner="job")
    # ... and here it died; the broker sends study.started again.
    cluster.search()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE


def test_a_broker_that_is_away_is_waited_for(cluster: Cluster) -> None:
    search = cluster.search()
    cluster.broker.down = True
    answer = search.send(study_started("s", 0.0))
    assert (answer.status, json.loads(answer.body)["title"]) == (
        503,
        "the broker cannot be reached",
    )
    assert len(cluster.store().unsent("s", [TRIAL_REQUESTED])) == 2
    cluster.broker.down = False
    cluster.sink()
    assert search.send(study_started("s", 0.0)).status == 202
    assert is_whole(cluster.await_end())
    assert cluster.trained == ONCE


def test_the_tick_makes_up_for_lost_events(cluster: Cluster) -> None:
    search = cluster.search()
    cluster.broker.subscribers.clear()  # every trial.completed is lost
    cluster.sink()
    assert search.send(tick()).status == 202  # and study.started too
    store = cluster.store()
    for number in range(1, 6000):
        study = store.study("s")
        if study is not None and study.state == "completed":
            break
        time.sleep(0.01)
        assert search.send(tick(number)).status == 202
    assert is_whole(store.trials("s"))
    assert cluster.trained == ONCE
    assert store.unsent("s", [TRIAL_COMPLETED]) == ()


def test_a_tick_after_the_end_tells_of_the_end_again(cluster: Cluster) -> None:
    search = cluster.search()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    cluster.await_end()
    assert search.send(tick()).status == 202
    ends = [event for event in cluster.broker.events if event.type == STUDY_COMPLETED]
    assert len(ends) == 2
    assert ends[0].id == ends[1].id


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


def test_a_spec_that_changed_under_a_study_is_refused_for_good(
    cluster: Cluster, make_program: Callable[..., Program]
) -> None:
    search = cluster.search()
    assert search.send(study_started("s", 0.0)).status == 202
    cluster.mount(replace(make_program(), digest="sha256:2"))
    answer = cluster.search().send(study_started("s", 0.0))
    assert answer.status == 202  # handled before: it only sends the outbox
    again = cluster.search().send(replace(study_started("s", 0.0), id="another"))
    assert (again.status, json.loads(again.body)["title"]) == (422, "OFC756")


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
