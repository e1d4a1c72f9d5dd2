"""A trial as a Job: it takes its lease first, and the store has what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.events import TRIAL_COMPLETED
from omniforce.compiler.ir.program import Prepare, Program
from omniforce.runtime.events import Event, study_started, to_text, trial_completed, trial_requested
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Point, Trial
from omniforce.runtime.trial.contract import Phase, TrialReport, TrialRequest, failed
from omniforce.runtime.trial.job import AGAIN, DONE, NEVER, Surroundings, main
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.data import Split
from omniforce.spec.blocks.search import Stopping
from omniforce.spec.plain.values import to_plain
from omniforce.spec.problem import Problem

from .fake_cluster import Broker

ASKED = trial_requested("s", 0, 1, "job", 1.0)
REPORT = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)


@dataclass
class Pod:
    """What a Job's pod finds: its environment, its mounts, its store."""

    environment: dict[str, str]
    directory: Path
    store: Store
    broker: Broker

    def mount(self, event: Event | str, program: Program) -> None:
        text = event if isinstance(event, str) else to_text(event)
        (self.directory / "event").write_text(text)
        (self.directory / "study.json").write_text(json.dumps(to_plain(program)))

    def run(self, execute: Any, **options: Any) -> int:
        options = {"pauses": (0.01, 0.01), "clock": lambda: 5.0} | options
        return main(self.environment, Surroundings(execute, **options))

    @property
    def trial(self) -> Trial:
        return self.store.trials("s")[0]


@pytest.fixture
def pod(sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program]) -> Iterator[Pod]:
    store, broker = Store.open(sqlite_address), Broker()
    store.create_study("s", "{}", "sha256:1", 1.0)
    with store.lock("s") as session:
        session.propose([{"x": 7}], 1.0)
    environment = {
        "OFC_STUDY": "s",
        "OFC_NAMESPACE": "ns",
        "OFC_BROKER": broker.url,
        "OFC_STORE_URL": sqlite_address,
        "OFC_CONFIG": str(tmp_path),
        "OFC_DATA": str(tmp_path / "volume" / "data"),
        "K_EVENT_PATH": str(tmp_path),
    }
    pod = Pod(environment, tmp_path, store, broker)
    pod.mount(ASKED, make_program())
    yield pod
    store.close()
    broker.close()


def never(*_: object) -> TrialReport:
    raise AssertionError("it trained")


def test_a_trial_gets_all_it_needs_and_its_result_is_told(pod: Pod) -> None:
    requests: list[TrialRequest] = []
    phases: list[str] = []

    def execute(request: TrialRequest, entering: Callable[[Phase], None]) -> TrialReport:
        requests.append(request)
        assert list(Path(request.model_dir).iterdir()) == []
        for phase in ("running", "measuring"):
            entering(phase)
            phases.append(pod.trial.state)
        return REPORT

    assert pod.run(execute) == DONE
    assert phases == ["running", "measuring"]
    assert requests == [
        TrialRequest(
            study="s",
            trial=0,
            attempt=1,
            arguments={"x": 7},
            algorithm=AlgorithmInterface("test/toy", 1, "toy:Toy"),
            data=str(pod.directory / "volume" / "data"),
            seed=1,
            metrics=("accuracy",),
            model_dir=requests[0].model_dir,
            timeout=600.0,
        )
    ]
    assert not Path(requests[0].model_dir).exists()
    assert (pod.trial.state, pod.trial.metrics) == ("completed", {"accuracy": 0.5})
    assert pod.broker.events == [trial_completed("s", 0, 1, 5.0)]
    assert pod.store.unsent("s", [TRIAL_COMPLETED]) == ()


def test_a_second_job_of_one_attempt_does_not_train(pod: Pod) -> None:
    pod.store.lease("s", 0, 1, "another", 60.0, 2.0)
    assert pod.run(never) == DONE
    assert pod.trial.worker == "another"


def test_a_job_of_a_dead_attempt_does_not_train(pod: Pod) -> None:
    pod.store.lease("s", 0, 1, "another", 60.0, 2.0)
    pod.store.requeue("s", 3.0)
    assert pod.run(never) == DONE
    assert pod.trial.attempt == 2


def test_a_failed_trial_is_a_result_and_no_failed_job(pod: Pod) -> None:
    assert pod.run(lambda *_: failed("user-error", "no", 1.0)) == DONE
    assert (pod.trial.state, pod.trial.failure) == ("failed", "user-error")
    assert pod.broker.events == [trial_completed("s", 0, 1, 5.0)]


def test_a_trial_that_takes_too_long_is_ended_and_told(
    pod: Pod, make_program: Callable[..., Program]
) -> None:
    pod.mount(ASKED, make_program(timeout=0.05))
    left: list[int] = []
    over = threading.Event()

    def leave(code: int) -> None:
        left.append(code)
        over.set()

    def execute(*_: object) -> TrialReport:
        assert over.wait(60)
        return REPORT

    pod.run(execute, leave=leave)
    assert left == [DONE]
    assert (pod.trial.state, pod.trial.failure) == ("timed-out", "timeout")
    assert pod.broker.events[0] == trial_completed("s", 0, 1, 5.0)


def test_a_trial_that_nobody_waits_for_is_ended(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniforce.runtime.trial.job.LEASE_SECONDS", 0.06)
    over = threading.Event()
    left: list[int] = []

    def leave(code: int) -> None:
        left.append(code)
        over.set()

    def execute(*_: object) -> TrialReport:
        with pod.store.lock("s") as session:
            session.complete("wall-clock", 6.0)
        assert over.wait(60)
        return REPORT

    pod.run(execute, leave=leave)
    assert left[0] == DONE
    assert pod.trial.state == "cancelled"


def test_a_full_disk_leaves_the_trial_to_the_reaper(pod: Pod) -> None:
    def execute(*_: object) -> TrialReport:
        raise Problem("OFC706", "the disk is full")

    assert pod.run(execute) == AGAIN
    assert pod.trial.state == "reserved"


def test_data_that_cannot_be_prepared_fails_the_trial_with_its_code(
    pod: Pod, make_program: Callable[..., Program]
) -> None:
    program = make_program()
    data = Prepare(name="prepare", source="file:///no/such.csv", target="y", split=Split())
    pod.mount(ASKED, replace(program, steps=(data, *program.steps)))
    assert pod.run(never) == DONE
    assert pod.trial.failure == "user-error"
    assert pod.trial.message.startswith("OFC7")


def test_a_store_that_is_away_at_the_end_is_waited_for(
    pod: Pod, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, away = Store.finish, [1, 2]

    def sometimes(*arguments: Any, **named: Any) -> bool:
        if away:
            away.pop()
            raise Problem("OFC755", "away")
        return finish(*arguments, **named)

    monkeypatch.setattr(Store, "finish", sometimes)
    assert pod.run(lambda *_: REPORT) == DONE
    assert pod.trial.state == "completed"


def test_a_broker_that_is_away_leaves_the_event_in_the_outbox(pod: Pod) -> None:
    pod.broker.down = True
    assert pod.run(lambda *_: REPORT) == DONE
    assert pod.store.unsent("s", [TRIAL_COMPLETED]) == (trial_completed("s", 0, 1, 5.0),)


def test_a_store_that_is_away_at_the_start_is_worth_another_pod(pod: Pod) -> None:
    pod.environment["OFC_STORE_URL"] = "sqlite:////no/such/directory/study.db"
    assert pod.run(never) == AGAIN


@pytest.mark.parametrize(
    "event",
    [
        "{",
        to_text(study_started("s", 1.0)),
        to_text(replace(ASKED, source="/studies/other")),
        to_text(replace(ASKED, data={"trial": "0", "attempt": 1})),
    ],
)
def test_a_job_of_a_wrong_event_is_never_tried_again(
    pod: Pod, make_program: Callable[..., Program], event: str
) -> None:
    pod.mount(event, make_program())
    assert pod.run(never) == NEVER


@pytest.mark.parametrize("missing", ["OFC_STUDY", "OFC_STORE_URL", "OFC_CONFIG", "K_EVENT_PATH"])
def test_a_job_without_its_mounts_is_never_tried_again(pod: Pod, missing: str) -> None:
    pod.environment[missing] = "" if missing.startswith("OFC_ST") else "/no/such/directory"
    assert pod.run(never) == NEVER


TOY = """
import json, os

class Toy:
    def __init__(self, data_path, is_trainer, seed, x):
        self.x = x
    def run(self):
        assert json.loads(os.environ["OFC_PARAMS"]) == {"x": self.x}
        return self.x / 10
    def metrics(self):
        return {"accuracy": self.x / 10}
"""


def test_the_real_process_runs_a_real_class(pod: Pod, tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(TOY)
    done = subprocess.run(
        [sys.executable, "-m", "omniforce.runtime.trial.job"],
        env=os.environ | pod.environment | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == DONE, done.stderr
    assert (pod.trial.state, pod.trial.message) == ("completed", "")
    assert pod.trial.metrics["accuracy"] == 0.7
    assert [event.type for event in pod.broker.events] == [TRIAL_COMPLETED]


HOSTILE = """
import ctypes, os, signal, time
from omniforce.runtime.trial.client import report, should_stop

class Toy:
    def __init__(self, data_path, is_trainer, seed, x):
        self.x = x
    def metrics(self):
        return {"accuracy": self.x / 10}
    def run(self):
        print("in the log", flush=True)
        return BODY
    def holds_the_lock(self):
        ctypes.PyDLL(None).sleep(4)  # unlike CDLL, it keeps Python's lock while C runs
        return 0.5
    def crashes(self):
        os.kill(os.getpid(), signal.SIGSEGV)
    def listens(self):
        for step in range(10_000):
            report(step, {"accuracy": 0.25})
            if should_stop():
                return 0.25
            time.sleep(0.05)
    def is_deaf(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        report(0, {"loss": 1.0})
        time.sleep(600)
    def tells(self):
        return float("OFC_STORE_URL" in os.environ)
"""


def start(pod: Pod, tmp_path: Path, body: str, seconds: float = 60.0) -> subprocess.Popen[str]:
    """The real process, with leases that last `seconds`."""
    (tmp_path / "toy.py").write_text(HOSTILE.replace("BODY", body))
    (tmp_path / "job_main.py").write_text(
        "import os, sys\n"
        "from omniforce.runtime.trial import job\n"
        f"job.LEASE_SECONDS = {seconds}\n"
        "sys.exit(job.main(os.environ, job.Surroundings()))\n"
    )
    return subprocess.Popen(
        [sys.executable, "job_main.py"],
        env=os.environ | pod.environment | {"PYTHONPATH": str(tmp_path), "OFC_GRACE_SECONDS": "9"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )


def ended(process: subprocess.Popen[str]) -> str:
    _, said = process.communicate(timeout=60)
    assert process.returncode == DONE, said
    return said


def await_figures(pod: Pod) -> None:
    for _ in range(1200):
        if pod.store.curve("s", 0):
            return
        time.sleep(0.05)
    raise AssertionError("no figure came in")


def test_a_training_that_holds_pythons_lock_keeps_its_lease(pod: Pod, tmp_path: Path) -> None:
    process = start(pod, tmp_path, "self.holds_the_lock()", seconds=1.5)
    expired = set[float]()
    while process.poll() is None:
        trial = pod.trial
        if trial.state == "running" and trial.expires is not None:
            expired.add(trial.expires)
            assert trial.expires > time.time()
        time.sleep(0.05)
    assert "in the log" in ended(process)
    assert len(expired) > 3
    assert pod.trial.state == "completed"


def test_a_training_that_crashes_its_process_is_a_failed_trial(pod: Pod, tmp_path: Path) -> None:
    assert "in the log" in ended(start(pod, tmp_path, "self.crashes()"))
    trial = pod.trial
    assert (trial.state, trial.failure, trial.message) == (
        "failed",
        "exit",
        "the process was ended by SIGSEGV",
    )
    assert pod.store.tail("s", 0) == "in the log\n"


def test_a_preempted_trial_that_listens_hands_in_what_it_has(pod: Pod, tmp_path: Path) -> None:
    process = start(pod, tmp_path, "self.listens()")
    await_figures(pod)
    process.terminate()
    ended(process)
    assert (pod.trial.state, pod.trial.metrics["score"]) == ("completed", 0.25)
    assert {p.key for p in pod.store.curve("s", 0)} == {"accuracy"}


def test_a_trial_whose_figures_are_worse_than_others_ends_early(
    pod: Pod, tmp_path: Path, make_program: Callable[..., Program]
) -> None:
    with pod.store.lock("s") as session:
        session.propose([{"x": 8}], 1.0)
    assert pod.store.lease("s", 1, 1, "w", 60.0, 1.0) is not None
    pod.store.record("s", 1, 1, "w", [Point(0, "accuracy", 0.9)], 1.0)
    pod.store.finish("s", 1, 1, REPORT, 2.0)
    pod.mount(ASKED, make_program(stopping=Stopping("median", least=1, after=1)))
    ended(start(pod, tmp_path, "self.listens()"))
    trial = pod.trial
    assert (trial.state, trial.metrics["score"]) == ("completed", 0.25)
    assert trial.stop is not None
    (action,) = pod.store.actions("s")
    assert (action.actor, action.action) == ("early-stopping", "end-early")


def test_a_preempted_trial_that_does_not_listen_is_tried_again(pod: Pod, tmp_path: Path) -> None:
    process = start(pod, tmp_path, "self.is_deaf()")
    await_figures(pod)
    process.terminate()
    ended(process)
    trial = pod.trial
    assert (trial.state, trial.attempt, dict(trial.retried)) == ("proposed", 2, {"preempted": 1})


def test_an_abandoned_training_is_ended_with_its_process(pod: Pod, tmp_path: Path) -> None:
    process = start(pod, tmp_path, "self.listens()", seconds=1.5)
    await_figures(pod)
    with pod.store.lock("s") as session:
        session.complete("wall-clock", time.time())
    ended(process)
    assert pod.trial.state == "cancelled"


def test_a_training_does_not_see_the_stores_address(pod: Pod, tmp_path: Path) -> None:
    ended(start(pod, tmp_path, "self.tells()"))
    assert pod.trial.metrics["score"] == 0.0


def test_an_estimator_that_is_not_there_is_the_trials_failure(pod: Pod, tmp_path: Path) -> None:
    process = start(pod, tmp_path, "0")
    (tmp_path / "toy.py").write_text("raise RuntimeError('no')")
    ended(process)
    assert (pod.trial.state, pod.trial.failure) == ("failed", "user-error")
    assert pod.trial.message.startswith("OFC764: ")
