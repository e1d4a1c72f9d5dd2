"""Where a report is committed the rule is asked, and what it says is in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.runtime.early_stopping import ACTOR, EarlyStopping
from omniforce.runtime.rewards import search_of
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import Phase, TrialReport
from omniforce.spec.blocks.search import Stopping
from omniforce.spec.expression.tree import Metric, Objective

MEDIAN = Stopping("median", least=1, after=2)


@dataclass
class Studied:
    """Trials that report as a test says."""

    store: Store
    listening: EarlyStopping

    def begin(self, count: int) -> None:
        with self.store.lock("s") as session:
            numbers = session.propose([{"x": at} for at in range(count)], 1.0)
        for trial in numbers:
            assert self.store.lease("s", trial, 1, f"w{trial}", 60.0, 2.0) is not None
            assert self.beat(trial, "running") == "go-on"

    def beat(self, trial: int, phase: Phase | None = None) -> str:
        return self.store.heartbeat("s", trial, 1, f"w{trial}", 60.0, 3.0, phase)

    def hear(
        self, trial: int, values: Sequence[float], first: int = 0, key: str = "accuracy"
    ) -> bool:
        points = [Point(first + at, key, value) for at, value in enumerate(values)]
        return self.listening.hear(trial, 1, f"w{trial}", points, 4.0)

    def finish(self, trial: int, accuracy: float) -> None:
        report = TrialReport(outcome="completed", metrics={"accuracy": accuracy}, seconds=1.0)
        assert self.store.finish("s", trial, 1, report, 5.0)


@pytest.fixture
def make(address: str, make_program: Callable[..., Program]) -> Iterator[Callable[..., Studied]]:
    store = Store.open(address)

    def make_study(**changes: object) -> Studied:
        store.create_study("s", "{}", "sha256:1", 0.0)
        search = search_of(make_program(**({"stopping": MEDIAN} | changes)))
        return Studied(store, EarlyStopping(store, "s", search))

    yield make_study
    store.close()


def test_a_trial_that_does_worse_is_told_once_and_its_figures_count(
    make: Callable[..., Studied],
) -> None:
    study = make()
    study.begin(4)
    for trial, value in ((0, 0.7), (1, 0.8)):
        assert not study.hear(trial, [value] * 3)
        study.finish(trial, value)
    assert not study.hear(2, [0.1])  # step 0 is not judged
    assert study.beat(2) == "go-on"
    assert study.hear(2, [0.2], first=1)
    assert study.beat(2) == "stop"
    assert not study.hear(2, [0.2], first=2)  # it was told
    assert not study.hear(3, [0.9] * 3)
    study.finish(2, 0.2)
    ended = study.store.trials("s")[2]
    assert (ended.state, ended.stop, dict(ended.metrics)) == ("completed", 4.0, {"accuracy": 0.2})
    (action,) = study.store.actions("s")
    assert (action.actor, action.action) == (ACTOR, "end-early")
    assert json.loads(action.detail) == {
        "trial": 2,
        "why": "the best by step 1 is 0.2, the median of the others 0.75",
    }


def test_nobody_is_told_where_the_spec_says_nothing(make: Callable[..., Studied]) -> None:
    study = make(stopping=None)
    study.begin(3)
    for trial in (0, 1):
        study.hear(trial, [0.9] * 3)
        study.finish(trial, 0.9)
    assert not study.hear(2, [0.1] * 3)
    assert len(study.store.curve("s", 2)) == 3


def test_another_figure_says_nothing(make: Callable[..., Studied]) -> None:
    study = make()
    study.begin(3)
    for trial in (0, 1):
        study.hear(trial, [0.9] * 3)
        study.finish(trial, 0.9)
    assert not study.hear(2, [0.1] * 3, key="loss")
    assert study.hear(2, [0.1] * 3)


def test_the_first_objective_of_the_training_judges_in_its_direction(
    make: Callable[..., Studied],
) -> None:
    goals = (
        Objective("minimize", Metric("latency", "p95", "edge")),
        Objective("minimize", Metric("loss")),
    )
    study = make(goals=goals)
    study.begin(3)
    for trial in (0, 1):
        study.hear(trial, [0.1] * 3, key="loss")
        study.finish(trial, 0.1)
    assert study.hear(2, [0.4] * 3, key="loss")


def test_the_halving_rule_holds_trials_against_those_under_way(
    make: Callable[..., Studied],
) -> None:
    study = make(stopping=Stopping("halving", least=1, after=2, eta=3))
    study.begin(3)
    assert not study.hear(0, [0.5, 0.5])
    assert not study.hear(1, [0.6, 0.6])
    assert study.hear(2, [0.1, 0.1])


def test_trials_that_answer_another_question_are_no_bar(make: Callable[..., Studied]) -> None:
    study = make()
    study.begin(3)
    for trial in (0, 1):
        study.hear(trial, [0.9] * 3)
        study.finish(trial, 0.9)
    with study.store.lock("s") as session:
        session.change_trial(0, fate="invalidated")
    assert not study.hear(2, [0.1] * 3)


def test_a_worker_that_lost_its_lease_is_not_judged(make: Callable[..., Studied]) -> None:
    study = make()
    study.begin(3)
    for trial in (0, 1):
        study.hear(trial, [0.9] * 3)
        study.finish(trial, 0.9)
    points = [Point(at, "accuracy", 0.1) for at in range(3)]
    assert not study.listening.hear(2, 1, "somebody", points, 4.0)
    assert study.beat(2) == "go-on"
