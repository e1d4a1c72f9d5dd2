"""A whole study over real HTTP, on each kind of store, with all that may go wrong on its way."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.events import (
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
)
from omniforce.compiler.ir.program import Program
from omniforce.runtime.engine import advance
from omniforce.runtime.events import study_completed, study_started
from omniforce.runtime.store.trial import Trial
from omniforce.runtime.trial.job import DONE
from omniforce.spec.plain.values import to_plain

from .fake_study import Cluster, tick


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


def test_a_tick_after_the_end_tells_of_the_end_again(cluster: Cluster) -> None:
    search = cluster.search()
    cluster.sink()
    cluster.broker.deliver(study_started("s", 0.0))
    cluster.await_end()
    before = len(cluster.broker.events)
    assert search.send(tick()).status == 202
    again = {event.id for event in cluster.broker.events[before:]}
    assert study_completed("s", "budget", 0.0).id in again
