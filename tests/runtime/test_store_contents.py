"""What every store must do with what trials and strangers hand in; on SQLite and PostgreSQL."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from omniforce.runtime.retries import Retries
from omniforce.runtime.store import artifacts, curves
from omniforce.runtime.store.looking import Look
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Artifact, CurvePoint, DeadLetter, Point
from omniforce.runtime.trial.contract import TAIL, TrialReport, failed
from omniforce.spec.problem import Problem

POINT = {"x": 1}
DONE = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.5)
HOSTILE = (
    "'; DROP TABLE ofc_trials; --",
    '"quoted"',
    "back\\slash",
    "50% of %s and %(name)s",
    ":bound",
    "{brace}",
    "π and 試験",
    "line\nbreak\r\x1b[31mred",
    "' OR '1'='1",
)


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """What many threads found that began together."""
    found: list[object] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        found.append(work(number))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class Contents:
    """The laws. A subclass has a fixture `store` of an empty one."""

    @pytest.fixture
    def study(self, store: Store) -> Store:
        store.create_study("s", "{}", "sha256:1", 1.0)
        with store.lock("s") as session:
            session.propose([POINT, POINT], 10.0)
        store.lease("s", 0, 1, "w", 60.0, 11.0)
        return store

    # Figures over time

    def test_a_curve_reads_back_in_order(self, study: Store) -> None:
        points = [Point(1, "loss", 0.1 + 0.2), Point(0, "loss", 1e-300), Point(2**40, "acc", -0.0)]
        assert study.record("s", 0, 1, "w", points, 12.0) == 3
        assert study.curve("s") == (
            CurvePoint(0, 1, "acc", 2**40, -0.0, 12.0),
            CurvePoint(0, 1, "loss", 0, 1e-300, 12.0),
            CurvePoint(0, 1, "loss", 1, 0.1 + 0.2, 12.0),
        )
        assert study.curve("s", 1) == ()
        assert [point.key for point in study.curve("s", 0, "acc")] == ["acc"]

    def test_a_point_that_is_there_stays(self, study: Store) -> None:
        assert study.record("s", 0, 1, "w", [Point(0, "loss", 1.0)], 12.0) == 1
        again = [Point(0, "loss", 2.0), Point(1, "loss", 3.0)]
        assert study.record("s", 0, 1, "w", again, 13.0) == 1
        assert [point.value for point in study.curve("s")] == [1.0, 3.0]

    def test_what_is_no_number_is_left_out_of_a_curve(self, study: Store) -> None:
        wrong = [Point(n, "loss", v) for n, v in enumerate((math.nan, math.inf, -math.inf))]
        assert study.record("s", 0, 1, "w", [*wrong, Point(9, "loss", 1.0)], 12.0) == 1
        assert [point.step for point in study.curve("s")] == [9]

    def test_an_attempt_has_so_many_points_and_no_more(
        self, study: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(curves, "MOST_POINTS", 1500)
        many = [Point(step, "loss", 1.0) for step in range(1_000)]
        assert study.record("s", 0, 1, "w", many, 12.0) == 1_000
        more = [Point(step, "loss", 1.0) for step in range(500, 3_000)]
        assert study.record("s", 0, 1, "w", more, 13.0) == 500
        assert study.record("s", 0, 1, "w", [Point(9_999, "loss", 1.0)], 14.0) == 0
        assert len(study.curve("s")) == 1500

    def test_only_who_holds_the_attempt_records(self, study: Store) -> None:
        point = [Point(0, "loss", 1.0)]
        assert study.record("s", 0, 1, "v", point, 12.0) == 0
        assert study.record("s", 0, 2, "w", point, 12.0) == 0
        assert study.record("s", 1, 1, "w", point, 12.0) == 0
        assert study.record("other", 0, 1, "w", point, 12.0) == 0
        study.finish("s", 0, 1, DONE, 13.0)
        assert study.record("s", 0, 1, "w", point, 14.0) == 0
        assert study.curve("s") == ()

    def test_recorders_at_once_lose_nothing_and_double_nothing(self, study: Store) -> None:
        def push(number: int) -> int:
            points = [Point(step, "loss", 1.0) for step in range(number * 5, number * 5 + 10)]
            return study.record("s", 0, 1, "w", points, 12.0)

        at_once(6, push)
        assert [point.step for point in study.curve("s")] == list(range(35))

    # Files

    def test_a_file_reads_back_byte_for_byte(self, study: Store) -> None:
        content = bytes(range(256)) * 3
        kept = study.put_artifact("s", 0, 1, "model.onnx", content, 12.0)
        assert study.artifact("s", 0, 1, "model.onnx") == content
        assert study.artifacts("s") == (kept,)
        assert kept == Artifact(0, 1, "model.onnx", f"store:{kept.digest}", kept.digest, 768, 12.0)
        assert study.artifacts("s", 1) == study.artifacts("other") == ()
        assert study.artifact("s", 0, 2, "model.onnx") is None

    def test_a_file_of_the_same_name_is_replaced(self, study: Store) -> None:
        study.put_artifact("s", 0, 1, "m", b"a", 12.0)
        study.put_artifact("s", 0, 1, "m", b"", 13.0)
        assert study.artifact("s", 0, 1, "m") == b""
        assert [each.created for each in study.artifacts("s")] == [13.0]

    def test_a_file_that_is_too_large_is_refused(
        self, study: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(artifacts, "LARGEST", 10)
        study.put_artifact("s", 0, 1, "m", b"x" * 10, 12.0)
        with pytest.raises(Problem) as caught:
            study.put_artifact("s", 0, 1, "m", b"x" * 11, 13.0)
        assert caught.value.diagnostic.code == "OFC759"
        assert study.artifact("s", 0, 1, "m") == b"x" * 10

    # What strangers write

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_name_is_data_and_never_a_statement(self, study: Store, name: str) -> None:
        short = name[:60]
        study.create_study(short, '{"a": 1}', name, 1.0, project=short, algorithm=name)
        with study.lock(short) as session:
            session.propose([{"x": name}], 2.0)
            session.note(name, "rate", {"why": name}, 3.0)
        lease = study.lease(short, 0, 1, name, 60.0, 4.0)
        assert lease is not None
        assert lease.point == {"x": name}
        assert study.record(short, 0, 1, name, [Point(0, name, 1.0)], 5.0) == 1
        study.put_artifact(short, 0, 1, name, b"x", 6.0)
        report = replace(DONE, metrics={name: 0.5}, message=name, tail=name)
        assert study.finish(short, 0, 1, report, 7.0)
        study.bury(DeadLetter(name, name, name, name, name, 8.0))
        (trial,) = study.trials(short)
        assert (trial.metrics, trial.message, trial.worker) == ({name: 0.5}, name, name)
        assert study.curve(short)[0].key == name
        assert study.artifact(short, 0, 1, name) == b"x"
        assert study.tail(short, 0) == name
        assert study.actions(short)[0].actor == name
        assert study.dead_letters()[0].cause == name
        assert [each.name for each in study.studies(project=short)] == [short]
        assert [each.name for each in study.studies(algorithm=name)] == [short]
        assert len(study.trials("s")) == 2

    def test_text_that_no_database_takes_is_kept_as_near_as_can_be(self, study: Store) -> None:
        odd = "nul \0, lone \udc80 surrogate"
        report = replace(failed("user-error", odd), tail=odd + "x" * 2 * TAIL)
        assert study.record("s", 0, 1, "w", [Point(0, odd, 1.0)], 12.0) == 1
        study.put_artifact("s", 0, 1, odd, b"x", 12.0)
        assert study.finish("s", 0, 1, report, 13.0)
        assert study.trials("s")[0].message == "nul \ufffd, lone ? surrogate"
        assert study.tail("s", 0) == "x" * TAIL
        assert study.curve("s")[0].key == "nul \ufffd, lone ? surrogate"
        assert study.artifacts("s")[0].name == "nul \ufffd, lone ? surrogate"

    def test_what_is_too_long_is_cut_and_loses_no_result(self, study: Store) -> None:
        long = "k" * 500
        assert study.record("s", 0, 1, "w", [Point(0, long, 1.0)], 12.0) == 1
        report = replace(DONE, metrics={"accuracy": 0.5, long: 1.0}, message="m" * 9000)
        assert study.finish("s", 0, 1, report, 13.0)
        trial = study.trials("s")[0]
        assert (trial.state, trial.metrics["accuracy"]) == ("completed", 0.5)
        assert sorted(map(len, trial.metrics)) == [8, 200]
        assert len(trial.message) == 4000

    def test_a_dead_letter_may_be_of_any_size(self, study: Store) -> None:
        letter = DeadLetter("s" * 9000, "i" * 9000, "t" * 9000, "c" * 9000, "e\0" * 9000, 1.0)
        study.bury(letter)
        study.bury(letter)
        (kept,) = study.dead_letters()
        assert (len(kept.source), len(kept.id), len(kept.type)) == (500, 500, 200)
        assert (kept.cause, kept.event) == ("c" * 9000, "e\ufffd" * 9000)

    def test_a_name_with_a_nul_is_nobody_s(self, study: Store) -> None:
        assert study.study("s\0") is None
        assert study.trials("s\0") == ()
        assert study.lease("s\0", 0, 1, "w", 60.0, 11.0) is None
        assert study.lease("s", 1, 1, "w" * 254, 60.0, 11.0) is None
        assert study.heartbeat("s", 0, 1, "w\0", 60.0, 12.0) == "abandon"
        assert study.record("s", 0, 1, "w\0", [Point(0, "loss", 1.0)], 12.0) == 0
        assert study.artifact("s", 0, 1, "m\0") is None

    @pytest.mark.parametrize("number", [2**31, 2**63, -1])
    def test_a_number_that_no_trial_has_is_nobody_s(self, study: Store, number: int) -> None:
        assert study.lease("s", number, 1, "w", 60.0, 11.0) is None
        assert study.lease("s", 0, number, "w", 60.0, 11.0) is None
        assert study.heartbeat("s", number, 1, "w", 60.0, 11.0) == "abandon"
        assert not study.finish("s", number, 1, DONE, 12.0)
        assert study.record("s", number, 1, "w", [Point(0, "loss", 1.0)], 12.0) == 0
        assert study.artifact("s", number, 1, "m") is None

    # Studies apart

    def test_a_study_never_sees_another_s_rows(self, study: Store) -> None:
        study.create_study("t", "{}", "sha256:1", 1.0)
        with study.lock("t") as session:
            session.propose([POINT], 10.0)
            session.note("ann", "pause", {}, 10.0)
        study.lease("t", 0, 1, "w", 60.0, 11.0)
        study.record("t", 0, 1, "w", [Point(0, "loss", 1.0)], 12.0)
        study.put_artifact("t", 0, 1, "m", b"x", 12.0)
        assert study.curve("s") == study.artifacts("s") == study.actions("s") == ()
        assert study.last_action("s") == 0
        assert study.artifact("s", 0, 1, "m") is None
        assert study.finish("t", 0, 1, replace(DONE, tail="said"), 13.0)
        assert study.tail("s", 0) == ""
        assert study.trials("s")[0].metrics == {}
        assert study.trials("s")[0].state == "reserved"

    def test_projects_are_kept_apart(self, study: Store) -> None:
        study.create_study("t", "{}", "sha256:1", 1.0, project="edge", algorithm="cnn")
        assert [each.name for each in study.studies(project="edge")] == ["t"]
        assert [each.name for each in study.studies(project="default")] == ["s"]
        assert [each.name for each in study.studies(algorithm="cnn")] == ["t"]
        assert study.studies(project="nobody") == ()
        look = Look(study)
        assert [each.name for each in look.studies("edge")] == ["t"]
        assert look.projects() == ("default", "edge")
        with pytest.raises(Problem) as caught:
            study.create_study("t", "{}", "sha256:1", 1.0, project="other")
        assert caught.value.diagnostic.code == "OFC756"

    # What people do

    def test_actions_are_kept_in_order(self, study: Store) -> None:
        with study.lock("s") as session:
            first = session.note("ann", "pause", {"why": "lunch"}, 20.0)
            second = session.note("bob", "resume", {}, 21.0)
        assert study.last_action("s") == second > first > 0
        assert [(a.actor, a.action, a.detail) for a in study.actions("s")] == [
            ("ann", "pause", '{"why": "lunch"}'),
            ("bob", "resume", "{}"),
        ]
        assert [a.actor for a in study.actions("s", after=first)] == ["bob"]

    def test_every_revision_s_program_is_kept(self, study: Store) -> None:
        with study.lock("s") as session:
            assert session.add_revision("sha256:2", '{"b": 2}', 20.0) == 2
            assert session.programs() == {1: "{}", 2: '{"b": 2}'}
        assert study.program("s", 1) == "{}"
        assert study.program("s", 3) is None
        record = study.study("s")
        assert record is not None
        assert (record.revision, record.digest, record.program) == (2, "sha256:2", '{"b": 2}')

    def test_a_process_that_remembers_sees_what_others_changed(self, study: Store) -> None:
        other = Store.open(study.database.engine.url.render_as_string(hide_password=False))

        def same() -> tuple[str, ...]:
            found = study.trials("s")
            again = Store.open(study.database.engine.url.render_as_string(hide_password=False))
            assert found == again.trials("s")
            again.close()
            return tuple(trial.state for trial in found)

        assert same() == ("reserved", "proposed")
        with other.lock("s") as session:
            session.time_out([0], 20.0)
            session.propose([POINT], 20.0)
        other.lease("s", 1, 1, "v", 60.0, 21.0)
        other.finish("s", 1, 1, DONE, 22.0)
        assert same() == ("timed-out", "completed", "proposed")
        other.finish("s", 0, 1, replace(DONE, metrics={"accuracy": 0.75}), 23.0)
        same()
        assert study.trials("s")[0].metrics == {"accuracy": 0.75}
        with other.lock("s") as session:
            session.change_trial(1, rating=4.0)
            session.note("ann", "rate", {}, 24.0)
        same()
        assert study.trials("s")[1].rating == 4.0
        with other.lock("s") as session:
            session.change_trial(1, fate="invalidated")
            session.add_revision("sha256:2", "{}", 25.0)
            session.cancel([2], "enough", 26.0)
        assert same() == ("timed-out", "completed", "cancelled")
        assert study.trials("s")[1].fate == "invalidated"
        other.close()

    # Failures by class

    def test_a_failure_is_tried_again_by_its_class_and_counted(self, study: Store) -> None:
        retries = Retries({"preempted": 2, "out-of-memory": 1}, backoff=10.0)

        def fail(attempt: int, failure: str, now: float) -> tuple[str, int, dict[str, int], float]:
            study.lease("s", 0, attempt, "w", 60.0, now)
            study.finish("s", 0, attempt, failed(failure, "x"), now, retries=retries)  # type: ignore[arg-type]
            trial = study.trials("s")[0]
            return trial.state, trial.attempt, dict(trial.retried), trial.requested

        assert fail(1, "preempted", 20.0) == ("proposed", 2, {"preempted": 1}, 30.0)
        counted = {"out-of-memory": 1, "preempted": 1}
        assert fail(2, "out-of-memory", 40.0) == ("proposed", 3, counted, 60.0)
        assert fail(3, "out-of-memory", 70.0)[:3] == ("failed", 3, counted)

    def test_who_is_asked_to_stop_hears_it(self, study: Store) -> None:
        assert study.heartbeat("s", 0, 1, "w", 60.0, 12.0, "running") == "go-on"
        with study.lock("s") as session:
            session.change_trial(0, stop=13.0)
        assert study.heartbeat("s", 0, 1, "w", 60.0, 14.0) == "stop"
        with study.lock("s") as session:
            assert session.cancel([0, 1], "enough", 15.0) == (0, 1)
            assert session.cancel([0, 1], "enough", 15.0) == ()
        assert study.heartbeat("s", 0, 1, "w", 60.0, 16.0) == "abandon"

    def test_a_report_beside_the_end_of_its_trial_counts_or_does_not(self, study: Store) -> None:
        """Whoever is first has it: the trial has one end, and figures only where it has that."""

        def work(number: int) -> bool:
            if number:
                return study.finish("s", 0, 1, DONE, 20.0)
            with study.lock("s") as session:
                return session.cancel([0], "enough", 20.0) == (0,)

        found = at_once(2, work)
        assert sorted(map(bool, found)) == [False, True]
        trial = study.trials("s")[0]
        assert (trial.state, trial.metrics) in (
            ("completed", {"accuracy": 0.5}),
            ("cancelled", {}),
        )


class TestSqlite(Contents):
    @pytest.fixture
    def store(self, sqlite_address: str) -> Iterator[Store]:
        store = Store.open(sqlite_address)
        yield store
        store.close()


@pytest.mark.postgres
class TestPostgres(Contents):
    @pytest.fixture
    def store(self, postgres_address: str) -> Iterator[Store]:
        store = Store.open(postgres_address)
        yield store
        store.close()
