"""The measure function: figures of each device once, the trial completed with the last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from omniforce.compiler.events import DEVICE_MEASURED, MODEL_TRAINED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import Event, model_trained, study_started
from omniforce.runtime.functions.measure import Measure
from omniforce.runtime.retries import retries_of
from omniforce.runtime.rewards import search_of
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Lease
from omniforce.runtime.trial.contract import TrialReport
from omniforce.runtime.trial.handing_over import SECONDS, Left, give_to_measurer
from omniforce.spec.blocks.devices import Device, MeasureOptions
from omniforce.spec.expression.tree import Metric, Objective
from omniforce.spec.plain.values import to_plain
from omniforce.spec.problem import Problem

THERE = MeasureOptions(where="function")
EDGE = Device(runtime="onnx", measure=THERE, name="edge")
HUB = Device(runtime="onnx", measure=THERE, name="hub")
GOALS = (
    Objective("maximize", Metric("accuracy")),
    Objective("minimize", Metric("latency", "p95", "edge")),
)
TRAINED = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=2.0)


class Bench:
    """A trial that was trained and handed over, and the function that measures."""

    def __init__(self, address: str, directory: Path, program: Program) -> None:
        self.store = Store.open(address)
        self.program = program
        self.timed: list[str] = []
        self.fault: Problem | None = None
        (directory / "study.json").write_text(json.dumps(to_plain(program)))
        self.measure = Measure(self._time, clock=lambda: 20.0)
        self.measure.start(
            {
                "OFC_STUDY": "s",
                "OFC_NAMESPACE": "ns",
                "OFC_BROKER": "http://127.0.0.1:1/",
                "OFC_STORE_URL": address,
                "OFC_CONFIG": str(directory),
            }
        )
        self.store.create_study("s", "{}", program.digest, 0.0)
        with self.store.lock("s") as session:
            session.propose([{"x": 1}], 0.0)
        lease = self.store.lease("s", 0, 1, "job", 60.0, 1.0)
        assert lease is not None
        self.lease: Lease = lease
        self.store.heartbeat("s", 0, 1, "job", 60.0, 1.0, "running")

    def _time(self, device: Device, model: bytes, rows: bytes) -> Mapping[str, float]:
        assert (model, rows) == (b"model", b"rows")
        self.timed.append(device.name)
        if self.fault is not None:
            raise self.fault
        return {f"latency.p95@{device.name}": 0.001}

    def hand_over(self) -> bool:
        left = Left(b"model", b"rows")
        return give_to_measurer(self.store, self.lease, TRAINED, left, (EDGE, HUB), 10.0)

    def ask(self, device: str, trial: int = 0, attempt: int = 1) -> int:
        return self.measure.receive(model_trained("s", trial, attempt, device, 10.0)).status

    def told(self) -> list[str]:
        return [event.id for event in self.store.unsent("s", [DEVICE_MEASURED])]


@pytest.fixture
def bench(address: str, tmp_path: Path, make_program: Callable[..., Program]) -> Iterator[Bench]:
    bench = Bench(address, tmp_path, make_program(devices=(EDGE, HUB), goals=GOALS))
    yield bench
    bench.measure.stop()
    bench.store.close()


AWAY = 503  # the broker of these tests: the figures are kept, the news waits in the outbox


def test_the_lease_goes_to_the_measurer_once_with_the_news_of_it(bench: Bench) -> None:
    assert bench.hand_over()
    assert bench.hand_over()
    (trial,) = bench.store.trials("s")
    assert (trial.state, trial.worker, trial.expires) == ("measuring", "measure", 10.0 + SECONDS)
    asked = bench.store.unsent("s", [MODEL_TRAINED])
    assert [dict(event.extensions) for event in asked] == [
        {"ofcdevice": "edge"},
        {"ofcdevice": "hub"},
    ]
    assert bench.store.heartbeat("s", 0, 1, "job", 60.0, 11.0) == "abandon"


def test_a_trial_that_is_no_longer_the_workers_is_not_handed_over(bench: Bench) -> None:
    bench.store.finish("s", 0, 1, TRAINED, 5.0, [], retries_of(search_of(bench.program)))
    assert not bench.hand_over()
    assert bench.store.unsent("s", [MODEL_TRAINED]) == ()


def test_the_last_device_completes_the_trial(bench: Bench) -> None:
    bench.hand_over()
    assert bench.ask("edge") == AWAY
    (trial,) = bench.store.trials("s")
    assert (trial.state, bench.told()) == ("measuring", ["s-t0-a1-edge-measured"])
    assert bench.ask("hub") == AWAY
    (trial,) = bench.store.trials("s")
    assert (trial.state, trial.seconds, dict(trial.metrics)) == (
        "completed",
        2.0,
        {"accuracy": 0.5, "latency.p95@edge": 0.001, "latency.p95@hub": 0.001},
    )
    assert bench.told() == ["s-t0-a1-edge-measured", "s-t0-a1-hub-measured"]


def test_an_event_that_comes_again_measures_nothing_twice(bench: Bench) -> None:
    bench.hand_over()
    for device in ("edge", "edge", "hub", "hub", "edge"):
        bench.ask(device)
    assert bench.timed == ["edge", "hub"]
    assert len(bench.told()) == 2


def test_a_device_that_cannot_have_the_model_fails_the_trial(bench: Bench) -> None:
    bench.hand_over()
    bench.fault = Problem("OFC811", "no int8 here", "write `precision: fp32`")
    bench.ask("edge")
    (trial,) = bench.store.trials("s")
    assert (trial.state, trial.failure, trial.message) == (
        "failed",
        "user-error",
        "no int8 here: write `precision: fp32`",
    )


def test_a_device_that_never_answers_costs_the_trial_its_lease(bench: Bench) -> None:
    bench.hand_over()
    bench.ask("edge")
    late, search = 10.0 + SECONDS + 1.0, replace(search_of(bench.program), timeout=5000.0)
    with bench.store.lock("s") as session:
        session.reap(late, retries=retries_of(search), timeout=search.timeout, patience=None)
    (trial,) = bench.store.trials("s")
    assert (trial.state, trial.attempt) == ("proposed", 2)
    bench.ask("hub")  # the old attempt's: nothing comes of it
    assert bench.timed == ["edge"]
    assert bench.store.trials("s") == (trial,)


@pytest.mark.parametrize(
    "event",
    [
        study_started("s", 0.0),
        model_trained("another", 0, 1, "edge", 0.0),
        model_trained("s", 0, 1, "no-such", 0.0),
        replace(model_trained("s", 0, 1, "edge", 0.0), data={"trial": "0", "device": ["edge"]}),
    ],
)
def test_what_names_no_attempt_and_device_of_this_study_is_refused(
    bench: Bench, event: Event
) -> None:
    bench.hand_over()
    assert bench.measure.receive(event).status == 422
    assert bench.timed == []
