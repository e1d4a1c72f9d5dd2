"""Whatever workers, searchers and reapers do, and in whatever order: a trial's life is lawful."""

from __future__ import annotations

import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from omniforce.runtime.retries import NEVER, Retries
from omniforce.runtime.steering.steering import Steering
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import SETTLED, Lease, Point, Trial
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.problem import Problem
from tests.support.postgres import PostgresServer

numbers = st.integers(0, 2)
attempts = st.integers(1, 3)
workers = st.sampled_from(["v", "w"])
reports = st.sampled_from(
    [
        TrialReport(outcome="completed", metrics={"a": 1.0}, seconds=1.0),
        TrialReport(outcome="completed", metrics={"a": float("nan")}, seconds=1.0),
        failed("user-error", "no", 1.0),
        failed("timeout", "slow", 1.0),
        failed("lost-worker", "gone", 1.0),
    ]
)
ONCE = Retries({"lost-worker": 1, "user-error": 1}, backoff=5.0)
NEXT = {
    "proposed": {"reserved", "timed-out", "failed", "cancelled"},
    "reserved": {"running", "measuring", "completed", "failed", "timed-out", "cancelled"},
    "running": {"measuring", "completed", "failed", "timed-out", "cancelled"},
    "measuring": {"running", "completed", "failed", "timed-out", "cancelled"},
}


class TrialLife(RuleBasedStateMachine):
    """Two workers, a reaper, a searcher and a person work on three trials."""

    def __init__(self, address: str | None = None) -> None:
        super().__init__()
        self._directory = tempfile.TemporaryDirectory()
        place = f"sqlite:///{self._directory.name}/study.db"
        self.store = Store.open(place if address is None else address)
        self.steering = Steering(self.store, "s", "alice", lambda: self.now)
        self.deeds = 0
        self.now = 1.0
        self.holders: dict[tuple[int, int], str] = {}
        self.before: tuple[Trial, ...] = ()

    def teardown(self) -> None:
        self.store.close()
        self._directory.cleanup()

    @initialize()
    def start(self) -> None:
        self.store.create_study("s", "{}", "sha256:1", self.now)
        with self.store.lock("s") as session:
            session.propose([{"x": n} for n in range(3)], self.now)
        self.before = self.store.trials("s")

    @rule(seconds=st.sampled_from([1.0, 30.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(trial=numbers, attempt=attempts, worker=workers)
    def lease(self, trial: int, attempt: int, worker: str) -> None:
        lease = self.store.lease("s", trial, attempt, worker, 60.0, self.now)
        if lease is None:
            return
        assert isinstance(lease, Lease)
        assert self.holders.setdefault((trial, attempt), worker) == worker
        assert self.store.trials("s")[trial].attempt == attempt

    @rule(
        trial=numbers,
        attempt=attempts,
        worker=workers,
        phase=st.sampled_from([None, "running", "measuring"]),
    )
    def heartbeat(self, trial: int, attempt: int, worker: str, phase: None) -> None:
        wanted = self.store.heartbeat("s", trial, attempt, worker, 60.0, self.now, phase)
        assert wanted == "abandon" or self.holders.get((trial, attempt)) == worker

    @rule(trial=numbers, attempt=attempts, report=reports, retries=st.sampled_from([NEVER, ONCE]))
    def finish(self, trial: int, attempt: int, report: TrialReport, retries: Retries) -> None:
        was = self.store.trials("s")[trial]
        changed = self.store.finish("s", trial, attempt, report, self.now, retries=retries)
        if changed:
            assert (was.attempt, was.is_settled) == (attempt, False)
        assert not self.store.finish("s", trial, attempt, report, self.now, retries=retries)

    @rule(patience=st.sampled_from([None, 50.0]))
    def reap(self, patience: float | None) -> None:
        with self.store.lock("s") as session:
            reaped = session.reap(self.now, retries=ONCE, timeout=80.0, patience=patience)
            again = session.reap(self.now, retries=ONCE, timeout=80.0, patience=patience)
        assert again == ()
        assert len({each.trial for each in reaped}) == len(reaped)

    @rule(trial=numbers)
    def time_out(self, trial: int) -> None:
        with self.store.lock("s") as session:
            session.time_out([trial], self.now)

    @rule()
    def requeue(self) -> None:
        self.store.requeue("s", self.now)

    @rule(trial=numbers, deed=st.sampled_from(["cancel", "end_early", "rate"]))
    def a_person_does(self, trial: int, deed: str) -> None:
        was = self.store.trials("s")[trial]
        try:
            if deed == "rate":
                self.steering.rate(trial, 3.0)
            else:
                getattr(self.steering, deed)(trial)
        except Problem as problem:
            refused = problem.diagnostic.code
        else:
            refused = None
            self.deeds += 1
        assert refused == ("OFC781" if deed != "rate" and was.is_settled else None)

    @rule(go_on=st.booleans())
    def a_person_pauses(self, go_on: bool) -> None:
        record = self.store.study("s")
        assert record is not None
        if go_on and record.state == "paused":
            self.steering.resume()
        elif not go_on and record.state == "running":
            self.steering.pause()
        else:
            return
        self.deeds += 1

    @rule(
        trial=numbers,
        attempt=attempts,
        worker=workers,
        points=st.lists(
            st.builds(Point, st.integers(0, 3), st.sampled_from("ab"), st.floats()), max_size=4
        ),
    )
    def record(self, trial: int, attempt: int, worker: str, points: list[Point]) -> None:
        before = self.store.curve("s")
        kept = self.store.record("s", trial, attempt, worker, points, self.now)
        after = self.store.curve("s")
        assert set(before) <= set(after)
        assert len(after) == len(before) + kept
        assert kept == 0 or self.holders.get((trial, attempt)) == worker
        assert self.store.record("s", trial, attempt, worker, points, self.now) == 0

    @invariant()
    def every_deed_is_written_down(self) -> None:
        assert len(self.store.actions("s")) == self.deeds

    @invariant()
    def what_was_used_only_grows(self) -> None:
        if not self.before:
            return
        with self.store.lock("s") as session:
            used, later = session.usage(self.now), session.usage(self.now + 1.0)
        assert 0.0 <= used.seconds <= later.seconds
        assert all(sum(trial.retried.values()) < trial.attempt for trial in self.before)

    @invariant()
    def every_step_is_lawful(self) -> None:
        after = self.store.trials("s") if self.before else ()
        for old, new in zip(self.before, after, strict=True):
            assert (old.number, old.point, old.round) == (new.number, new.point, new.round)
            assert new.attempt in (old.attempt, old.attempt + 1)
            if old.state in SETTLED:
                assert (new.state, new.attempt, new.failure) == (
                    old.state,
                    old.attempt,
                    old.failure,
                )
                unrated = {k: v for k, v in new.metrics.items() if k != "rating"}
                assert not old.metrics or unrated == {"a": 1.0}
            elif new.attempt > old.attempt:
                assert new.state == "proposed"
            elif new.state != old.state:
                assert new.state in NEXT[old.state]
            assert bool(new.metrics) <= (new.state in ("completed", "timed-out"))
            assert (new.state == "completed") <= (new.metrics.get("a") == 1.0)
            assert (new.finished is not None) == (new.state in SETTLED)
        self.before = after


TestTrialLife = TrialLife.TestCase
TestTrialLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@pytest.mark.postgres
def test_it_is_lawful_on_postgres_too(postgres: PostgresServer) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: TrialLife(postgres.new_database()),
        settings=settings(max_examples=15, stateful_step_count=30, deadline=None),
    )
