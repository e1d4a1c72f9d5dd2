"""What every store must do; run on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from omniforce.compiler.events import TRIAL_COMPLETED
from omniforce.runtime.events import study_started, trial_completed
from omniforce.runtime.retries import Retries
from omniforce.runtime.store.session import Session
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import DeadLetter, Lease, Reaped, Trial
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.problem import Problem

POINT = {"depth": 3, "rate": 0.1 + 0.2, "kind": "resnet", "on": True, "channels[0]": 64}
ONCE = Retries({"lost-worker": 1})
DONE = TrialReport(outcome="completed", metrics={"accuracy": 0.1 + 0.2}, seconds=1.5)


def proposed(number: int, **changes: object) -> Trial:
    trial = Trial(
        number=number,
        attempt=1,
        state="proposed",
        point=POINT,
        round=0,
        proposed=10.0,
        requested=10.0,
        metrics={},
    )
    return replace(trial, **changes)  # type: ignore[arg-type]


class Conformance:
    """The laws of a store. A subclass has a fixture `store` of an empty one."""

    @pytest.fixture
    def study(self, store: Store) -> Store:
        store.create_study("s", "{}", "sha256:1", 1.0)
        with store.lock("s") as session:
            session.propose([POINT, POINT], 10.0)
        return store

    def test_a_study_is_made_once(self, store: Store) -> None:
        first = store.create_study("s", '{"a": 1}', "sha256:1", 1.0)
        assert store.create_study("s", '{"a": 1}', "sha256:1", 2.0) == first
        assert store.studies() == (first,)

    def test_another_spec_under_the_same_name_is_refused(self, store: Store) -> None:
        store.create_study("s", "{}", "sha256:1", 1.0)
        with pytest.raises(Problem) as caught:
            store.create_study("s", "{}", "sha256:2", 2.0)
        assert caught.value.diagnostic.code == "OFC756"

    def test_a_point_reads_back_exactly(self, study: Store) -> None:
        assert study.trials("s") == (proposed(0), proposed(1))

    def test_rounds_and_numbers_go_on(self, study: Store) -> None:
        with study.lock("s") as session:
            assert session.propose([POINT], 20.0) == (2,)
        assert study.trials("s")[2] == proposed(2, round=1, proposed=20.0, requested=20.0)

    def test_a_trial_goes_from_lease_to_result(self, study: Store) -> None:
        lease = study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert lease == Lease(study="s", trial=0, attempt=1, worker="w", point=POINT, expires=71.0)
        reserved = proposed(0, state="reserved", worker="w", expires=71.0)
        assert study.trials("s")[0] == reserved
        assert study.heartbeat("s", 0, 1, "w", 60.0, 12.0, "running") == "go-on"
        running = replace(reserved, state="running", started=12.0, expires=72.0)
        assert study.trials("s")[0] == running
        assert study.heartbeat("s", 0, 1, "w", 60.0, 13.0, "measuring") == "go-on"
        assert study.trials("s")[0] == replace(running, state="measuring", expires=73.0)
        assert study.finish("s", 0, 1, DONE, 14.0)
        assert study.trials("s")[0] == replace(
            running,
            state="completed",
            expires=None,
            metrics={"accuracy": 0.1 + 0.2},
            seconds=1.5,
            finished=14.0,
        )

    def test_a_lease_is_one_worker_s(self, study: Store) -> None:
        assert study.lease("s", 0, 1, "w", 60.0, 11.0) is not None
        assert study.lease("s", 0, 1, "v", 60.0, 11.0) is None
        assert study.heartbeat("s", 0, 1, "v", 60.0, 12.0) == "abandon"
        assert study.lease("s", 0, 1, "w", 60.0, 12.0) is not None

    def test_a_lease_is_given_once_among_many_at_once(self, study: Store) -> None:
        given: list[str] = []
        barrier = threading.Barrier(6)

        def take(worker: str) -> None:
            barrier.wait()
            if study.lease("s", 0, 1, worker, 60.0, 11.0) is not None:
                given.append(worker)

        threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(given) == 1

    def test_what_is_no_trial_has_no_lease(self, study: Store) -> None:
        assert study.lease("s", 7, 1, "w", 60.0, 11.0) is None
        assert study.lease("s", 0, 2, "w", 60.0, 11.0) is None
        assert study.lease("other", 0, 1, "w", 60.0, 11.0) is None

    def test_a_report_counts_once(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert study.finish("s", 0, 1, DONE, 12.0)
        before = study.trials("s")
        assert not study.finish("s", 0, 1, failed("user-error", "late"), 13.0)
        assert study.trials("s") == before

    def test_a_report_without_a_lease_changes_nothing(self, study: Store) -> None:
        before = study.trials("s")
        assert not study.finish("s", 0, 1, DONE, 12.0)
        assert study.trials("s") == before

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_a_metric_that_is_no_number_fails_the_trial(self, study: Store, value: float) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        report = replace(DONE, metrics={"accuracy": value, "loss": 1.0})
        assert study.finish("s", 0, 1, report, 12.0)
        trial = study.trials("s")[0]
        assert (trial.state, trial.failure) == ("failed", "nan")
        assert (trial.message, trial.metrics) == (f"`accuracy` is {value}", {})

    def test_a_failure_is_kept_with_its_class_and_message(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.finish("s", 0, 1, failed("user-error", "a\0b", 2.0), 12.0)
        trial = study.trials("s")[0]
        assert (trial.state, trial.failure, trial.message, trial.seconds) == (
            "failed",
            "user-error",
            "a\ufffdb",
            2.0,
        )

    def test_a_trial_that_ran_out_of_time_says_so(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.finish("s", 0, 1, failed("timeout", "600 s are over"), 12.0)
        assert study.trials("s")[0].state == "timed-out"

    def test_a_lost_worker_s_trial_is_tried_again_while_retries_are_left(
        self, study: Store
    ) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert study.finish("s", 0, 1, failed("lost-worker", "died"), 12.0, retries=ONCE)
        assert study.trials("s")[0] == proposed(
            0, attempt=2, requested=12.0, retried={"lost-worker": 1}
        )
        study.lease("s", 0, 2, "w", 60.0, 13.0)
        assert study.finish("s", 0, 2, failed("lost-worker", "died"), 14.0, retries=ONCE)
        trial = study.trials("s")[0]
        assert (trial.state, trial.failure, trial.attempt) == ("failed", "lost-worker", 2)

    def reap(self, study: Store, now: float, patience: float | None = None) -> tuple[Reaped, ...]:
        with study.lock("s") as session:
            return session.reap(now, retries=ONCE, timeout=600.0, patience=patience)

    def test_a_lease_that_ran_out_is_taken_back(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert self.reap(study, 70.9) == ()
        assert self.reap(study, 71.0) == (Reaped(0, 2, "proposed"),)
        assert study.trials("s")[0] == proposed(
            0, attempt=2, requested=71.0, retried={"lost-worker": 1}
        )
        study.lease("s", 0, 2, "v", 60.0, 80.0)
        assert self.reap(study, 200.0) == (Reaped(0, 2, "failed"),)
        trial = study.trials("s")[0]
        assert (trial.state, trial.failure) == ("failed", "lost-worker")

    def test_a_heartbeat_keeps_a_lease(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.heartbeat("s", 0, 1, "w", 60.0, 60.0)
        assert self.reap(study, 100.0) == ()

    def test_a_request_that_nobody_takes_is_lost_after_a_while(self, study: Store) -> None:
        assert self.reap(study, 1000.0) == ()
        assert self.reap(study, 1000.0, patience=300.0) == (
            Reaped(0, 2, "proposed"),
            Reaped(1, 2, "proposed"),
        )
        assert self.reap(study, 1001.0, patience=300.0) == ()

    def test_a_lost_trial_that_had_its_time_is_not_tried_again(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.heartbeat("s", 0, 1, "w", 590.0, 20.0, "running")
        assert self.reap(study, 620.0) == (Reaped(0, 1, "timed-out"),)
        assert study.trials("s")[0].failure == "timeout"

    def test_a_trial_that_hangs_with_a_beating_heart_is_ended(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.heartbeat("s", 0, 1, "w", 60.0, 20.0, "running")
        study.heartbeat("s", 0, 1, "w", 60.0, 679.0)
        assert self.reap(study, 679.9) == ()
        assert self.reap(study, 680.0) == (Reaped(0, 1, "timed-out"),)

    def test_a_report_of_a_dead_attempt_changes_nothing(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        self.reap(study, 100.0)
        study.lease("s", 0, 2, "v", 60.0, 101.0)
        before = study.trials("s")
        assert study.heartbeat("s", 0, 1, "w", 60.0, 102.0) == "abandon"
        assert not study.finish("s", 0, 1, DONE, 103.0, [trial_completed("s", 0, 1, 103.0)])
        assert study.trials("s") == before
        assert study.unsent("s", [TRIAL_COMPLETED]) == ()

    def test_a_late_report_of_a_timed_out_trial_is_kept(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        study.heartbeat("s", 0, 1, "w", 60.0, 12.0, "running")
        with study.lock("s") as session:
            session.time_out([0], 50.0)
        assert study.heartbeat("s", 0, 1, "w", 60.0, 60.0) == "go-on"
        assert not study.finish("s", 0, 1, DONE, 70.0)
        trial = study.trials("s")[0]
        assert (trial.state, trial.metrics, trial.seconds) == (
            "timed-out",
            {"accuracy": 0.1 + 0.2},
            1.5,
        )
        assert trial.finished == 50.0

    def test_what_is_under_way_can_be_put_back_at_no_cost(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert study.requeue("s", 20.0) == (0,)
        assert study.trials("s") == (proposed(0, attempt=2, requested=20.0), proposed(1))
        study.lease("s", 0, 2, "w", 60.0, 21.0)
        assert self.reap(study, 100.0) == (Reaped(0, 3, "proposed"),)

    def test_the_end_of_a_study_cancels_what_is_under_way(self, study: Store) -> None:
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        with study.lock("s") as session:
            session.complete("wall-clock", 20.0)
        record = study.study("s")
        assert record is not None
        assert (record.state, record.reason, record.finished) == ("completed", "wall-clock", 20.0)
        assert [trial.state for trial in study.trials("s")] == ["cancelled", "cancelled"]
        assert study.heartbeat("s", 0, 1, "w", 60.0, 21.0) == "abandon"

    def test_an_error_under_the_lock_undoes_everything(self, study: Store) -> None:
        before = study.trials("s")

        def fail(session: Session) -> None:
            session.propose([POINT], 20.0)
            raise KeyError("on the way")

        with pytest.raises(KeyError), study.lock("s") as session:
            fail(session)
        assert study.trials("s") == before

    def test_the_lock_lets_one_in_at_a_time(self, study: Store) -> None:
        inside: list[int] = []
        most: list[int] = []

        def work() -> None:
            for _ in range(5):
                with study.lock("s") as session:
                    inside.append(1)
                    most.append(len(inside))
                    session.trials()
                    inside.pop()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(most), max(most)) == (20, 1)

    def test_one_searcher_thinks_at_a_time(self, study: Store) -> None:
        with study.lock("s") as session:
            token = session.start_thinking(10.0, 60.0)
            assert token is not None
            assert session.start_thinking(69.0, 60.0) is None
        assert study.think_on("s", token, 100.0)
        with study.lock("s") as session:
            assert session.start_thinking(99.0, 60.0) is None
            other = session.start_thinking(100.0, 60.0)
            assert other is not None
            assert not session.stop_thinking(token)
            assert session.stop_thinking(other)
            assert not session.stop_thinking(other)
        assert not study.think_on("s", other, 200.0)

    def test_events_wait_in_the_outbox_until_they_are_sent(self, study: Store) -> None:
        first, second = study_started("s", 1.0), trial_completed("s", 0, 1, 2.0)
        types = [first.type, second.type]
        with study.lock("s") as session:
            session.put([first, second], 2.0)
            session.put([first], 3.0)
        assert study.unsent("s", types) == (first, second)
        assert study.unsent("s", [second.type]) == (second,)
        assert study.unsent("other", types) == ()
        study.mark_sent([first.id], 4.0)
        assert study.unsent("s", types) == (second,)
        with study.lock("s") as session:
            session.put([first], 5.0)
            session.drop_unsent(second.type, 1.9, 5.0)
        assert study.unsent("s", types) == (second,)
        with study.lock("s") as session:
            session.drop_unsent(second.type, 2.0, 5.0)
            session.put_again([first], 6.0)
        assert study.unsent("s", types) == (first,)

    def test_a_report_and_its_event_are_one(self, study: Store) -> None:
        told = trial_completed("s", 0, 1, 12.0)
        study.lease("s", 0, 1, "w", 60.0, 11.0)
        assert study.finish("s", 0, 1, DONE, 12.0, [told])
        assert not study.finish("s", 0, 1, DONE, 13.0, [told])
        assert study.unsent("s", [TRIAL_COMPLETED]) == (told,)

    def test_an_event_is_handled_once(self, study: Store) -> None:
        event = study_started("s", 1.0)
        assert not study.is_handled(event)
        study.mark_handled("s", event, 2.0)
        study.mark_handled("s", event, 3.0)
        assert study.is_handled(event)
        assert not study.is_handled(replace(event, source="/studies/other"))

    def test_dead_letters_are_kept_once(self, store: Store) -> None:
        letter = DeadLetter("/studies/s", "1", "some.type", "503", '{"a": 1}', 1.0)
        store.bury(letter)
        store.bury(replace(letter, received=2.0))
        assert store.dead_letters() == (letter,)

    def test_studies_do_not_touch_each_other(self, study: Store) -> None:
        study.create_study("t", "{}", "sha256:2", 1.0)
        with study.lock("t") as session:
            assert session.propose([POINT], 10.0) == (0,)
            session.complete("budget", 11.0)
        assert study.trials("s") == (proposed(0), proposed(1))


class TestSqlite(Conformance):
    @pytest.fixture
    def store(self, sqlite_address: str) -> Iterator[Store]:
        store = Store.open(sqlite_address)
        yield store
        store.close()


@pytest.mark.postgres
class TestPostgres(Conformance):
    @pytest.fixture
    def store(self, postgres_address: str) -> Iterator[Store]:
        store = Store.open(postgres_address)
        yield store
        store.close()
