"""The pool of workers, against trials that do what users' code may do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.runtime.local import endings
from omniforce.runtime.local.pool import Entered, Finished, PoolOptions, Reported
from omniforce.runtime.local.workers import WorkerPool
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialReport, TrialRequest
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.problem import Problem

HERE = Path(__file__).parent
ALGORITHM = AlgorithmInterface(
    name="custom/estimator", version=0, estimator="hostile_estimators:Estimator"
)
MIB = 2**20


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[WorkerPool]:
    options = PoolOptions(
        size=1, estimator=ALGORITHM.estimator, log=tmp_path / "workers.log", path=(str(HERE),)
    )
    with WorkerPool(options) as made:
        yield made


def request(tmp_path: Path, trial: int, kind: str, **changes: object) -> TrialRequest:
    model_dir = tmp_path / f"model-{trial}"
    model_dir.mkdir(exist_ok=True)
    facts: dict[str, object] = {
        "study": "s",
        "trial": trial,
        "arguments": {"kind": kind, **changes.pop("arguments", {})},  # type: ignore[dict-item]
        "algorithm": ALGORITHM,
        "data": str(tmp_path),
        "metrics": ("accuracy",),
        "model_dir": str(model_dir),
        "timeout": 30.0,
        "memory": 256 * MIB,
    }
    return TrialRequest(**(facts | changes))  # type: ignore[arg-type]


def outcome(pool: WorkerPool, made: TrialRequest, log: Path) -> TrialReport:
    pool.start(made, log)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for each in pool.wait(1.0):
            if isinstance(each, Finished):
                assert each.request == made
                return each.report
    raise AssertionError("the trial never ended")


def test_a_good_trial_tells_its_phases_its_progress_and_its_metrics(
    pool: WorkerPool, tmp_path: Path
) -> None:
    made, log = request(tmp_path, 0, "good"), tmp_path / "log"
    pool.start(made, log)
    seen: list[object] = []
    while not any(isinstance(each, Finished) for each in seen):
        seen += pool.wait(5.0)
    *before, last = seen
    assert before == [
        Entered(made, "running"),
        Reported(made, (Point(0, "loss", 0.5),)),
        Reported(made, (Point(1, "loss", 0.25),)),
    ]
    assert isinstance(last, Finished)
    assert last.report.outcome == "completed"
    assert last.report.metrics == {"score": 0.5, "accuracy": 0.96, "cost": 0.5}
    assert log.read_text() == "learning with 0.5\n"


@pytest.mark.parametrize(
    ("kind", "failure", "message"),
    [
        ("raises", "user-error", "RuntimeError: the loss"),
        ("strange", "user-error", "Strange: (its message cannot be printed)"),
        ("exits", "exit", "the trial ended its process with status 7"),
        ("leaves", "exit", "the trial ended its process with status 'had enough'"),
        ("crashes", "exit", "the process was ended by SIGSEGV"),
        ("is_nan", "nan", "`accuracy` is nan"),
        ("forgets", "user-error", "no metric `accuracy` was reported; there are `score`"),
        ("closes_everything", "lost-worker", "the worker's pipe was closed"),
        ("nowhere", "user-error", "AttributeError: 'Estimator' object has no attribute 'nowhere'"),
    ],
)
def test_a_bad_trial_is_recorded_and_the_next_one_runs(
    pool: WorkerPool, tmp_path: Path, kind: str, failure: str, message: str
) -> None:
    report = outcome(pool, request(tmp_path, 0, kind), tmp_path / "log")
    assert (report.outcome, report.failure_class, report.message) == ("failed", failure, message)
    after = outcome(pool, request(tmp_path, 1, "good"), tmp_path / "log-1")
    assert after.outcome == "completed"


def test_the_traceback_of_a_trial_that_raises_is_in_its_log(
    pool: WorkerPool, tmp_path: Path
) -> None:
    outcome(pool, request(tmp_path, 0, "raises"), tmp_path / "log")
    text = (tmp_path / "log").read_text()
    assert "Traceback" in text
    assert "hostile_estimators.py" in text
    assert "exploded" in text


def test_a_trial_that_hangs_is_killed_with_its_children(pool: WorkerPool, tmp_path: Path) -> None:
    marker = tmp_path / "child"
    made = request(tmp_path, 0, "hangs", timeout=1.5, arguments={"marker": str(marker)})
    report = outcome(pool, made, tmp_path / "log")
    assert (report.failure_class, report.message) == ("timeout", "still running after 1.5 s")
    assert not _lives(int(marker.read_text()))
    assert outcome(pool, request(tmp_path, 1, "good"), tmp_path / "log").outcome == "completed"


def test_a_trial_that_takes_too_much_memory_is_ended(pool: WorkerPool, tmp_path: Path) -> None:
    report = outcome(pool, request(tmp_path, 0, "hoards", memory=64 * MIB), tmp_path / "log")
    assert report.failure_class == "out-of-memory"
    assert outcome(pool, request(tmp_path, 1, "good"), tmp_path / "log").outcome == "completed"


def test_memory_of_a_trials_children_counts(pool: WorkerPool, tmp_path: Path) -> None:
    made = request(tmp_path, 0, "hoards_elsewhere", memory=128 * MIB)
    report = outcome(pool, made, tmp_path / "log")
    assert report.failure_class == "out-of-memory"
    assert report.message.endswith("128 MiB are allowed")


def test_whatever_a_trial_prints_is_in_its_log(pool: WorkerPool, tmp_path: Path) -> None:
    assert outcome(pool, request(tmp_path, 0, "is_binary"), tmp_path / "log").outcome == "completed"
    lines = (tmp_path / "log").read_bytes().splitlines()
    assert sorted(lines) == sorted(
        [b"\xff\x00\xfe binary", b"from C \x80", b"\\ud800 lone surrogate", b"from a child"]
    )


def test_what_a_trial_does_to_its_process_does_not_reach_the_next(
    pool: WorkerPool, tmp_path: Path
) -> None:
    assert outcome(pool, request(tmp_path, 0, "misbehaves"), tmp_path / "a").outcome == "completed"
    assert outcome(pool, request(tmp_path, 1, "good"), tmp_path / "b").outcome == "completed"
    assert (tmp_path / "b").read_text() == "learning with 0.5\n"


def test_the_same_seed_draws_the_same_whatever_ran_before(pool: WorkerPool, tmp_path: Path) -> None:
    drawn = [
        outcome(pool, request(tmp_path, i, "draws", seed=seed), tmp_path / "log").metrics["cost"]
        for i, seed in enumerate((3, 4, 3))
    ]
    assert drawn[0] == drawn[2] != drawn[1]


def test_a_full_disk_stops_the_run_and_blames_no_trial(pool: WorkerPool, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        outcome(pool, request(tmp_path, 0, "fills_the_disk"), tmp_path / "log")
    assert caught.value.diagnostic.code == "OFC763"


def test_an_estimator_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    options = PoolOptions(size=1, estimator="no_such_module:Estimator", log=tmp_path / "log")
    with WorkerPool(options) as made, pytest.raises(Problem) as caught:
        made.wait(60.0)
    assert caught.value.diagnostic.code == "OFC764"


def test_a_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "needs_extra.py").write_text(
        "raise ModuleNotFoundError('No module named onnxruntime', name='onnxruntime')"
    )
    options = PoolOptions(
        size=1, estimator="needs_extra:X", log=tmp_path / "log", path=(str(tmp_path),)
    )
    with WorkerPool(options) as made, pytest.raises(Problem) as caught:
        made.wait(60.0)
    diagnostic = caught.value.diagnostic
    assert (diagnostic.code, diagnostic.help) == ("OFC703", "pip install 'omniforce[edge]'")


def test_no_process_is_left_when_the_pool_closes(tmp_path: Path) -> None:
    marker = tmp_path / "child"
    options = PoolOptions(
        size=2, estimator=ALGORITHM.estimator, log=tmp_path / "workers.log", path=(str(HERE),)
    )
    with WorkerPool(options) as made:
        made.start(
            request(tmp_path, 0, "hangs", arguments={"marker": str(marker)}), tmp_path / "log"
        )
        while not marker.exists() or not marker.read_text():
            made.wait(0.1)
        (running,) = made.running
        assert running.trial == 0
        assert made.free == 1
    assert not _lives(int(marker.read_text()))


def _lives(process: int) -> bool:
    """Whether it still runs a moment later; a killed one may be a zombie until init looks."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state in "ZX":
            return False
        time.sleep(0.05)
    return True


def test_a_log_that_grows_without_end_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "LONGEST_LOG", 2 * MIB)
    log = tmp_path / "log"
    log.write_bytes(b"x" * (2 * MIB))
    endings.keep_short(log)
    assert log.stat().st_size == 2 * MIB
    log.write_bytes(b"x" * (2 * MIB + 1))
    endings.keep_short(log)
    assert log.read_text() == "-- begun anew: there were more than 2 MiB\n"
    endings.keep_short(tmp_path / "nothing there")
