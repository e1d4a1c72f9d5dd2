"""What a trial may say while it runs, what it is told, and what is made of what it does wrong."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from omniforce.runtime.local import workers
from omniforce.runtime.local.pool import Finished, PoolOptions, Reported
from omniforce.runtime.local.workers import WorkerPool
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TAIL, TrialReport, TrialRequest
from omniforce.runtime.trial.failures import classify
from omniforce.runtime.trial.output import printable, secrets_of, tail_of
from omniforce.runtime.trial.thinning import Thinning

from .test_workers import HERE, request

ESTIMATOR = "hostile_estimators:Estimator"


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    monkeypatch.setenv("MY_API_TOKEN", "s3cr3t-value")
    monkeypatch.setattr(workers, "STOP_PATIENCE", 0.5)
    options = PoolOptions(
        size=1, estimator=ESTIMATOR, log=tmp_path / "workers.log", path=(str(HERE),)
    )
    with WorkerPool(options) as made:
        yield made


def run(
    pool: WorkerPool,
    made: TrialRequest,
    log: Path,
    when: Callable[[Point], None] = lambda _: None,
) -> tuple[TrialReport, list[Point]]:
    """Runs a trial to its end; `when` is told of each figure as it comes."""
    pool.start(made, log)
    points: list[Point] = []
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for each in pool.wait(1.0):
            if isinstance(each, Reported):
                points += each.points
                for point in each.points:
                    when(point)
            if isinstance(each, Finished):
                return each.report, points
    raise AssertionError("the trial never ended")


def test_a_trial_that_listens_ends_early_and_its_result_counts(
    pool: WorkerPool, tmp_path: Path
) -> None:
    made = request(tmp_path, 0, "listens")
    report, points = run(pool, made, tmp_path / "log", lambda _: pool.stop(0) and None)
    assert (report.outcome, report.metrics["score"], report.metrics["accuracy"]) == (
        "completed",
        0.9,
        1.0,
    )
    assert len(points) < 10_000
    assert not Path(f"{made.model_dir}.contract").exists()


def test_a_trial_that_raises_when_it_is_stopped_is_taken_at_its_last_report(
    pool: WorkerPool, tmp_path: Path
) -> None:
    made = request(tmp_path, 0, "raises_at_the_stop")
    report, _ = run(pool, made, tmp_path / "log", lambda _: pool.stop(0) and None)
    assert (report.outcome, report.metrics) == ("completed", {"accuracy": 0.75})


def test_a_trial_that_does_not_listen_is_ended_and_taken_at_its_last_report(
    pool: WorkerPool, tmp_path: Path
) -> None:
    made = request(tmp_path, 0, "does_not_listen")
    report, _ = run(pool, made, tmp_path / "log", lambda _: pool.stop(0) and None)
    assert (report.outcome, report.metrics) == ("completed", {"accuracy": 0.5})
    after, _ = run(pool, request(tmp_path, 1, "good"), tmp_path / "log")
    assert after.outcome == "completed"


def test_a_stop_of_a_trial_before_does_not_reach_the_next_attempt(
    pool: WorkerPool, tmp_path: Path
) -> None:
    made = request(tmp_path, 0, "good")
    stale = Path(f"{made.model_dir}.contract")
    stale.mkdir()
    (stale / "stop").touch()
    report, _ = run(pool, made, tmp_path / "log")
    assert report.outcome == "completed"
    assert not pool.stop(0)


def test_an_abandoned_trial_gets_sigterm_and_time_to_clean_up(
    pool: WorkerPool, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    made = request(tmp_path, 0, "cleans_up", arguments={"marker": str(marker)})
    pool.start(made, tmp_path / "log")
    while not (marker.exists() and marker.read_text()):
        pool.wait(0.1)
    assert pool.cancel(0, grace=30.0)
    while pool.ending:
        pool.wait(0.1)
    assert marker.read_text() == "cleaned"


def test_an_abandoned_trial_that_ignores_sigterm_is_killed_with_its_children(
    pool: WorkerPool, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    pool.start(request(tmp_path, 0, "hangs", arguments={"marker": str(marker)}), tmp_path / "log")
    while not (marker.exists() and marker.read_text()):
        pool.wait(0.1)
    pool.cancel(0, grace=0.3)
    assert pool.free == 1
    while pool.ending:
        pool.wait(0.1)
    state = Path(f"/proc/{marker.read_text()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_a_million_points_are_thinned_and_the_log_says_so(pool: WorkerPool, tmp_path: Path) -> None:
    report, points = run(pool, request(tmp_path, 0, "says_a_million"), tmp_path / "log")
    assert report.outcome == "completed"
    steps = [point.step for point in points]
    assert (steps[0], steps[-1], len(steps)) == (0, 999_999, 5_478)
    assert steps == sorted(steps)
    assert report.tail == "-- 1000000 figures were reported, 5478 of them are kept\n"


def test_thinning_keeps_a_spread_of_each_figure_and_little_of_many() -> None:
    thinning = Thinning()
    kept = [
        point
        for step in range(20_000)
        for point in (Point(step, "often", 0.0), *([Point(step, "rare", 0.0)] * (step % 100 == 0)))
        if thinning.take(point)
    ]
    assert sum(1 for point in kept if point.key == "rare") == 200
    often = [point.step for point in kept if point.key == "often"]
    assert max(b - a for a, b in pairwise(often)) <= 64
    many = Thinning()
    kept = [p for s in range(3) for k in range(1000) if many.take(p := Point(s, str(k), 0.0))]
    assert len(kept) == 600
    assert (many.offered, many.dropped) == (3000, 2400)


@pytest.mark.parametrize(
    ("kind", "failure", "message"),
    [
        ("says_nan", "nan", "`loss` is nan at step 0"),
        ("has_a_huge_name", "user-error", "ReportRefused: a figure's name has 300 characters"),
        ("has_an_odd_name", "user-error", "ReportRefused: a figure's name has characters"),
        ("has_too_many", "user-error", "5000 figures were reported, 200 are the most"),
        ("wants_a_device", "device-out-of-memory", "OutOfMemoryError: CUDA out of memory."),
    ],
)
def test_what_a_trial_says_wrongly_is_a_failure_with_its_reason(
    pool: WorkerPool, tmp_path: Path, kind: str, failure: str, message: str
) -> None:
    report, _ = run(pool, request(tmp_path, 0, kind), tmp_path / "log")
    assert (report.outcome, report.failure_class, report.metrics) == ("failed", failure, {})
    assert report.message.startswith(message)


def test_figures_from_many_threads_all_come_in(pool: WorkerPool, tmp_path: Path) -> None:
    report, points = run(pool, request(tmp_path, 0, "says_it_from_threads"), tmp_path / "log")
    assert report.outcome == "completed"
    assert {(p.key, p.step) for p in points} == {
        (f"loss-{n}", step) for n in range(8) for step in range(50)
    }


def test_figures_from_a_fork_come_in(pool: WorkerPool, tmp_path: Path) -> None:
    _, points = run(pool, request(tmp_path, 0, "says_it_from_a_fork"), tmp_path / "log")
    assert points == [Point(1, "from", 2.0)]


def test_the_tail_of_a_log_is_printable_and_has_no_secrets(
    pool: WorkerPool, tmp_path: Path
) -> None:
    report, _ = run(pool, request(tmp_path, 0, "tells_secrets"), tmp_path / "log")
    assert report.message == "RuntimeError: *****"
    assert "s3cr3t" not in report.tail
    assert "hunter22" not in report.tail
    first, second, *_ = report.tail.splitlines()
    assert (first, second) == ("100%", "\ufffd\ufffd postgresql://me:*****@db/x")


def test_a_tail_is_the_end_and_never_longer_than_the_store_takes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xf0" * 10 + b"a\n" * 100_000 + b"\0end\n")
    text = tail_of(log)
    assert (len(text), text[-6:]) == (TAIL, "a\nend\n")
    assert tail_of(tmp_path / "nothing") == ""


def test_secrets_are_known_by_their_names_and_by_what_the_runner_says() -> None:
    environment = {
        "OFC_SECRET_VARIABLES": "PLAIN,OTHER",
        "PLAIN": "as-good-as-any",
        "HF_TOKEN": "hf_abcdef",
        "OFC_STORE_URL": "postgresql://u:p%40ssword@h/d",
        "HOME": "/root",
        "SHORT_TOKEN": "abc",
    }
    assert secrets_of(environment) == ("as-good-as-any", "p%40ssword", "hf_abcdef", "p@ssword")
    assert printable(b"hf_abcdef p@ssword /root", secrets_of(environment)) == "***** ***** /root"


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("CUDA out of memory. Tried to allocate 20.00 MiB", "device-out-of-memory"),
        (
            "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : CUDA failure 2: out of memory ; GPU=0",
            "device-out-of-memory",
        ),
        (
            "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of 9",
            "out-of-memory",
        ),
        (
            "[TRT] [E] 1: [defaultAllocator.cpp::allocate::31] Cuda Runtime (out of memory)",
            "device-out-of-memory",
        ),
        ("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "device-out-of-memory"),
        ("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes", "out-of-memory"),
        (
            "OOM when allocating tensor with shape[9] on device:GPU:0 by GPU_0_bfc",
            "device-out-of-memory",
        ),
        ("Unable to allocate 7.28 TiB for an array with shape (1000000000000,)", "out-of-memory"),
        ("the room is out of memorable things", "user-error"),
    ],
)
def test_whose_memory_ran_out_is_told_by_what_libraries_say(text: str, failure: str) -> None:
    assert classify(RuntimeError(text))[0] == failure


def test_a_wrapped_refusal_of_memory_is_found_below_what_wraps_it() -> None:
    error = ValueError("the batch could not be made")
    error.__cause__ = MemoryError()
    assert classify(error)[0] == "out-of-memory"


def test_numpy_refused_a_real_allocation_is_out_of_memory(pool: WorkerPool, tmp_path: Path) -> None:
    report, _ = run(pool, request(tmp_path, 0, "hoards", memory=64 * 2**20), tmp_path / "log")
    assert (report.failure_class, report.message) == ("out-of-memory", "MemoryError")


def test_a_worker_that_the_kernel_ended_for_memory_is_told_from_another(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = [0]
    monkeypatch.setattr(workers, "killings", lambda: killed[0])
    for count, failure in ((0, "exit"), (1, "out-of-memory")):
        killed[0] = 0
        pool.start(request(tmp_path, count, "hangs"), tmp_path / "log")
        while not pool._workers[0].ready:
            pool.wait(0.1)
        killed[0] = count
        os.kill(pool._workers[0].process.pid, signal.SIGKILL)
        found: list[object] = []
        while not any(isinstance(each, Finished) for each in found):
            found += pool.wait(1.0)
        last = found[-1]
        assert isinstance(last, Finished)
        assert last.report.failure_class == failure
