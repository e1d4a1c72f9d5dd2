"""The pool on a real Ray, against trials that do what users' code may do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omniforce.runtime.local.pool import Entered, Finished, Reported
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialRequest
from omniforce.spec.blocks.nodes import Nodes
from omniforce.spec.problem import Problem

from .conftest import HERE, MIB, Opened, all_of

pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray")]

Asked = Callable[..., TrialRequest]


def test_a_trial_tells_its_phase_its_progress_and_its_metrics(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    request, log = asked(0, "good"), tmp_path / "log"
    *before, last = all_of(opened(), request, log)
    assert before == [
        Entered(request, "running"),
        Reported(request, (Point(0, "loss", 0.5),)),
    ]
    assert isinstance(last, Finished)
    assert (last.request, last.report.outcome) == (request, "completed")
    assert last.report.metrics == {"score": 0.5, "accuracy": 0.5}
    assert log.read_text() == "learning\n"


def test_a_bad_trial_is_recorded_and_the_next_one_runs(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool, found = opened(), []
    for number, (kind, limit) in enumerate(
        [("exits", 30.0), ("hoards", 30.0), ("hangs", 1.0), ("kills_its_actor", 30.0)]
    ):
        request = asked(
            number,
            kind,
            timeout=limit,
            memory=64 * MIB,
            arguments={"marker": str(tmp_path / "marker")},
        )
        report = all_of(pool, request, tmp_path / f"log-{number}")[-1].report
        found.append((kind, report.outcome, report.failure_class))
    assert found == [
        ("exits", "failed", "exit"),
        ("hoards", "failed", "out-of-memory"),
        ("hangs", "failed", "timeout"),
        ("kills_its_actor", "failed", "lost-worker"),
    ]
    after = all_of(pool, asked(9, "good"), tmp_path / "log")[-1].report
    assert after.outcome == "completed"


def test_a_cancelled_trial_is_gone_and_its_place_is_free(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool, marker = opened(), tmp_path / "marker"
    pool.start(asked(0, "hangs", arguments={"marker": str(marker)}), tmp_path / "log")
    _wait_for(pool, marker)
    assert (pool.free, [r.trial for r in pool.running]) == (0, [0])
    assert pool.cancel(0)
    assert not pool.cancel(0)
    assert (pool.free, pool.running) == (1, ())
    assert not _lives(int(marker.read_text()))
    assert all_of(pool, asked(1, "good"), tmp_path / "log")[-1].report.outcome == "completed"


def test_nothing_of_a_trial_is_left_when_the_pool_closes(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool, marker = opened(), tmp_path / "marker"
    pool.start(asked(0, "hangs", arguments={"marker": str(marker)}), tmp_path / "log")
    _wait_for(pool, marker)
    pool.__exit__(None, None, None)
    assert not _lives(int(marker.read_text()))
    assert not list((tmp_path / "logs").glob(".ray-*"))


def test_what_a_far_node_needs_is_sent_and_what_it_made_comes_back(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool, log = opened(sends=True, size=2), tmp_path / "log"
    while pool.free < 2:  # both unpack into one folder of the node
        pool.wait(1.0)
    request = asked(0, "reads", is_trainer=True)
    assert all_of(pool, request, log)[-1].report.outcome == "completed"
    *rows, place = log.read_text().split()
    assert rows == ["rows:", "1", "2", "3"]
    assert Path(place).parent != HERE
    saved = Path(request.model_dir) / "estimator" / "weights.txt"
    assert saved.read_text() == "1 2 3\n"
    pool.__exit__(None, None, None)
    assert not Path(place).exists()


def test_a_trial_on_two_nodes_meets_and_reports_once(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool, log = opened(nodes=Nodes(2, 2)), tmp_path / "trial.log"
    report = all_of(pool, asked(0, "meets"), log)[-1].report
    assert (report.outcome, report.metrics) == ("completed", {"score": 0.2, "accuracy": 0.2})
    assert (tmp_path / "trial.node-1.log").read_text() == "rank 1\n"
    assert not (tmp_path / "model-0-1").exists()
    second = all_of(pool, asked(1, "fails_elsewhere"), log)[-1].report
    assert (second.failure_class, second.message) == (
        "user-error",
        "node 1: RuntimeError: not me",
    )


def test_a_trial_with_elastic_bounds_takes_the_nodes_that_there_are(
    opened: Opened, asked: Asked, tmp_path: Path
) -> None:
    pool = opened(nodes=Nodes(2, 64))  # of which the session has room for four
    report = all_of(pool, asked(0, "meets"), tmp_path / "log")[-1].report
    assert report.outcome == "completed"
    assert report.metrics["accuracy"] in (0.2, 0.3, 0.4)


def test_an_estimator_that_is_not_there_stops_the_run(opened: Opened) -> None:
    with pytest.raises(Problem) as caught:
        opened(estimator="no_such_module:Estimator")
    assert caught.value.diagnostic.code == "OFC764"


def test_a_trial_that_no_node_can_hold_is_named(opened: Opened) -> None:
    with pytest.raises(Problem) as caught:
        opened(gpus=64)
    diagnostic = caught.value.diagnostic
    assert (diagnostic.code, diagnostic.message) == (
        "OFC814",
        "no node of the Ray cluster has what a trial asks for: 1 CPU, 0.25 GiB of memory, 64 GPU",
    )


def _wait_for(pool: Any, marker: Path) -> None:
    until = time.monotonic() + 30
    while not (marker.exists() and marker.read_text()) and time.monotonic() < until:
        pool.wait(0.1)


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
