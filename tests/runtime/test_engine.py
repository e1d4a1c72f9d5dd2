"""A study moves on step by step, whatever its workers do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from omniforce.compiler.events import STUDY_COMPLETED, TRIAL_REQUESTED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.engine import THINKING_SECONDS, Advance, UnknownStudy, advance
from omniforce.runtime.events import study_completed, trial_completed, trial_requested
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.runtime.waiting import Waiting
from omniforce.spec.blocks.search import Budget, Resources, StrategyChoice
from omniforce.spec.expression.tree import Metric, Objective, Quantity, Requirement
from omniforce.strategies.protocol import EmptySpace, Goal, Outcome, Problem, Reward, SpaceExhausted

TYPES = (TRIAL_REQUESTED, STUDY_COMPLETED)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    store = Store.open(address)
    yield store
    store.close()


@dataclass
class Study:
    """A study under test, with a clock that the test sets."""

    store: Store
    program: Program
    strategy: Any

    def advance(self, now: float, **options: Any) -> Advance:
        return advance(self.store, self.program, lambda _: self.strategy, now, **options)

    def run(self, trial: int, now: float, seconds: float = 10.0, attempt: int = 1) -> None:
        self.start(trial, now, attempt)
        self.report(trial, now + seconds, attempt, seconds)

    def start(self, trial: int, now: float, attempt: int = 1, lease: float = 1e6) -> None:
        assert self.store.lease("s", trial, attempt, f"w{trial}", lease, now) is not None
        assert self.store.heartbeat("s", trial, attempt, f"w{trial}", lease, now, "running")

    def report(self, trial: int, now: float, attempt: int = 1, seconds: float = 10.0) -> bool:
        done = TrialReport(outcome="completed", metrics={"accuracy": trial / 10}, seconds=seconds)
        return self.store.finish("s", trial, attempt, done, now)

    @property
    def states(self) -> list[str]:
        return [trial.state for trial in self.store.trials("s")]


@pytest.fixture
def make(store: Store, make_program: Callable[..., Program], counting: Any) -> Callable[..., Study]:
    def make_study(strategy: Any = None, **changes: Any) -> Study:
        store.create_study("s", "{}", "sha256:1", 0.0)
        return Study(store, make_program(**changes), strategy or counting())

    return make_study


def test_a_study_runs_to_the_end_of_its_budget(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(trials=5))
    assert study.advance(1.0) == Advance("proposed", (0, 1))
    assert study.advance(2.0) == Advance("waiting")
    study.run(0, 2.0)
    assert study.advance(12.0) == Advance("waiting")
    study.run(1, 2.0)
    assert study.advance(12.0) == Advance("proposed", (2, 3))
    study.run(2, 13.0)
    study.run(3, 13.0)
    assert study.advance(23.0) == Advance("proposed", (4,))
    study.run(4, 24.0)
    assert study.advance(34.0) == Advance("completed", reason="budget")
    assert study.advance(35.0) == Advance("over", reason="budget")
    assert [trial.point for trial in study.store.trials("s")] == [{"x": n} for n in range(5)]
    assert [trial.round for trial in study.store.trials("s")] == [0, 0, 1, 1, 2]


def test_a_study_that_nobody_made_is_not_advanced(
    store: Store, make_program: Callable[..., Program], counting: Any
) -> None:
    with pytest.raises(UnknownStudy):
        advance(store, make_program(), lambda _: counting(), 1.0)


def test_a_round_does_not_wait_for_ever_for_its_last_trial(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(trials=8), parallelism=4)
    study.advance(1.0)
    for trial in range(3):
        study.run(trial, 2.0, seconds=10.0)
    study.start(3, 2.0)
    assert study.advance(12.0) == Advance("waiting", wake=32.0)
    assert study.advance(31.9) == Advance("waiting", wake=32.0)
    assert study.advance(32.0).proposed == (4, 5, 6, 7)
    assert study.states[:4] == ["completed", "completed", "completed", "timed-out"]
    assert not study.report(3, 40.0)
    assert study.store.trials("s")[3].metrics == {"accuracy": 0.3}


def test_the_wait_follows_the_mean_and_the_deviation(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(trials=8), parallelism=4)
    study.advance(0.0)
    for trial, seconds in enumerate((80.0, 100.0, 120.0)):
        study.run(trial, 0.0, seconds)
    study.start(3, 100.0)
    # mean 100, deviation 16.33: 148.99 seconds after the start of the fourth
    wake = study.advance(120.0).wake
    assert wake is not None
    assert round(wake, 2) == 248.99
    options = {"waiting": Waiting(deviations=0.0)}
    assert study.advance(199.9, **options).wake == 200.0


def test_the_wait_never_exceeds_the_timeout(make: Callable[..., Study]) -> None:
    study = make(timeout=60.0)
    study.advance(1.0)
    study.start(0, 2.0)
    assert study.advance(3.0) == Advance("waiting", wake=62.0)


def test_a_silent_worker_s_trial_is_proposed_again_with_its_event(
    make: Callable[..., Study],
) -> None:
    study = make()
    study.advance(1.0, runner="job")
    study.start(0, 2.0, lease=60.0)
    study.run(1, 2.0)
    assert study.advance(61.0) == Advance("waiting", wake=62.0)
    assert study.advance(62.0, runner="job") == Advance("waiting", retried=(0,), wake=72.0)
    assert study.store.unsent("s", TYPES)[-1] == trial_requested("s", 0, 2, "job", 62.0)
    study.run(0, 63.0, attempt=2)
    assert study.advance(80.0).proposed == (2, 3)


def test_a_request_that_nobody_takes_is_made_again(make: Callable[..., Study]) -> None:
    study = make()
    options = {"waiting": Waiting(patience=300.0), "runner": "job"}
    assert study.advance(1.0, **options).wake == 301.0
    assert study.advance(301.0, **options).retried == (0, 1)
    assert study.advance(610.9, **options).step == "waiting"  # the second try had to wait
    assert study.advance(611.0, **options).proposed == (2, 3)
    assert study.states[:2] == ["failed", "failed"]


def test_every_trial_is_asked_for_and_the_end_is_told(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(trials=2))
    study.advance(1.0, runner="job")
    study.run(0, 2.0)
    study.run(1, 2.0)
    study.advance(13.0, runner="job")
    assert study.store.unsent("s", TYPES) == (
        trial_requested("s", 0, 1, "job", 1.0),
        trial_requested("s", 1, 1, "job", 1.0),
        study_completed("s", "budget", 13.0),
    )


def test_without_a_runner_nothing_is_told(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(trials=1))
    study.advance(1.0)
    study.run(0, 2.0)
    study.advance(13.0)
    assert study.store.unsent("s", TYPES) == ()


def test_what_the_search_has_read_itself_needs_no_event(make: Callable[..., Study]) -> None:
    study = make()
    study.advance(1.0)
    told = trial_completed("s", 0, 1, 3.0)
    study.start(0, 2.0)
    study.store.finish("s", 0, 1, failed("user-error", "no"), 3.0, [told])
    assert study.store.unsent("s", [told.type]) == (told,)
    study.advance(122.0)
    assert study.store.unsent("s", [told.type]) == (told,)  # its sender may still be at it
    study.advance(123.0)
    assert study.store.unsent("s", [told.type]) == ()


def test_the_wall_clock_ends_a_study_whatever_is_under_way(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(wall_clock=100.0))
    study.advance(1.0)
    study.start(0, 2.0)
    assert study.advance(3.0).wake == 100.0
    assert study.advance(100.0) == Advance("completed", reason="wall-clock")
    assert study.states == ["cancelled", "cancelled"]


def test_gpu_hours_end_a_study(make: Callable[..., Study]) -> None:
    study = make(budget=Budget(gpu_hours=1.0), resources=Resources(gpu=2), timeout=7200.0)
    study.advance(1.0)
    study.run(0, 2.0, seconds=1800.0)
    study.run(1, 2.0, seconds=10.0)
    assert study.advance(1900.0) == Advance("completed", reason="gpu-hours")


def test_an_exhausted_space_ends_a_study(make: Callable[..., Study], counting: Any) -> None:
    study = make(counting(last=2))
    study.advance(1.0)
    study.run(0, 2.0)
    study.run(1, 2.0)
    assert study.advance(13.0).proposed == (2,)
    study.run(2, 14.0)
    assert study.advance(25.0) == Advance("completed", reason="space-exhausted")


def test_no_points_wait_for_what_is_pending_and_end_a_study_without(
    store: Store, make: Callable[..., Study]
) -> None:
    def think(count: int) -> tuple[dict[str, int], ...]:
        if not store.trials("s"):
            with store.lock("s") as session:  # a person, just now
                session.propose([{"x": 1}], 1.0, "person")
        return ()

    study = make(Thinker(think))
    assert study.advance(1.0).step == "waiting"
    study.run(0, 2.0)
    assert study.advance(13.0) == Advance("completed", reason="space-exhausted")


def test_an_exhausted_space_cancels_nothing_that_is_pending(
    store: Store, make: Callable[..., Study]
) -> None:
    def think(count: int) -> tuple[dict[str, int], ...]:
        if not store.trials("s"):
            with store.lock("s") as session:
                session.propose([{"x": 1}], 1.0, "person")
        raise SpaceExhausted

    study = make(Thinker(think))
    assert study.advance(1.0).step == "waiting"
    study.run(0, 2.0)
    assert study.advance(13.0) == Advance("completed", reason="space-exhausted")
    assert study.states == ["completed"]


class Thinker:
    """A strategy that does what a test wants while it thinks."""

    name = "thinker"

    def __init__(self, think: Callable[[int], tuple[dict[str, int], ...]]) -> None:
        self.think = think
        self.problem: Problem | None = None
        self.rewards: tuple[Reward, ...] = ()

    def bind_space(self, problem: Problem) -> Thinker:
        self.problem = problem
        return self

    def handle_rewards(self, rewards: tuple[Reward, ...]) -> Thinker:
        self.rewards = rewards
        return self

    def generate_tasks(self, count: int) -> tuple[dict[str, int], ...]:
        return self.think(count)


def points(count: int) -> tuple[dict[str, int], ...]:
    return tuple({"x": n} for n in range(count))


def test_an_empty_space_ends_a_study(make: Callable[..., Study]) -> None:
    def think(_: int) -> tuple[dict[str, int], ...]:
        raise EmptySpace

    assert make(Thinker(think)).advance(1.0) == Advance("completed", reason="empty-space")


def test_a_strategy_sees_every_trial_as_it_stands(make: Callable[..., Study]) -> None:
    thinker = Thinker(points)
    limit = Requirement(Metric("size", device="edge"), "<=", Quantity(2.0, "MiB"))
    study = make(
        thinker,
        goals=(limit, Objective("maximize", Metric("accuracy"))),
        parallelism=4,
        budget=Budget(trials=10),
    )
    study.advance(1.0)
    for trial in range(2):
        study.run(trial, 2.0)
    study.start(2, 2.0)
    study.store.finish("s", 2, 1, failed("user-error", "no"), 3.0)
    study.start(3, 2.0)
    study.store.finish("s", 3, 1, failed("timeout", "slow"), 3.0)
    study.advance(20.0)
    assert thinker.problem is not None
    assert (thinker.problem.budget, thinker.problem.parallelism) == (10, 4)
    assert thinker.problem.goals == (
        Goal("accuracy", "maximize"),
        Goal("size@edge", "minimize", 2.0 * 2**20),
    )
    assert thinker.rewards == (
        Reward(0, {"x": 0}, Outcome.COMPLETED, {"accuracy": 0.0}, seconds=10.0),
        Reward(1, {"x": 1}, Outcome.COMPLETED, {"accuracy": 0.1}, seconds=10.0),
        Reward(2, {"x": 2}, Outcome.FAILED, {}),
        Reward(3, {"x": 3}, Outcome.TIMED_OUT, {}),
    )


def test_a_strategy_that_proposes_more_than_asked_is_cut(make: Callable[..., Study]) -> None:
    assert make(Thinker(lambda _: points(50))).advance(1.0).proposed == (0, 1)


def test_workers_report_and_other_searchers_stand_back_while_one_thinks(
    make: Callable[..., Study],
) -> None:
    seen: list[Advance | bool] = []

    def think(count: int) -> tuple[dict[str, int], ...]:
        if thinker.rewards:
            seen.append(study.report(1, 50.0))
            seen.append(study.advance(50.0))
        return points(count)

    thinker = Thinker(think)
    study = make(thinker, timeout=20.0)
    study.advance(1.0)
    study.run(0, 2.0)
    study.start(1, 2.0)
    assert study.advance(40.0).proposed == (2, 3)
    assert seen == [False, Advance("busy", wake=50.0 + THINKING_SECONDS)]
    assert study.store.trials("s")[1].metrics == {"accuracy": 0.1}


def test_what_a_stalled_searcher_found_is_dropped(make: Callable[..., Study]) -> None:
    inner: list[Advance] = []

    def think(count: int) -> tuple[dict[str, int], ...]:
        if not inner:
            inner.append(Advance("busy"))
            inner.append(study.advance(1.0 + THINKING_SECONDS))
        return points(count)

    study = make(Thinker(think))
    assert study.advance(1.0).step == "busy"
    assert inner[1].proposed == (0, 1)
    assert len(study.store.trials("s")) == 2


def test_a_strategy_that_fails_leaves_the_study_as_it_was(make: Callable[..., Study]) -> None:
    def think(_: int) -> tuple[dict[str, int], ...]:
        raise ZeroDivisionError

    study = make(Thinker(think))
    with pytest.raises(ZeroDivisionError):
        study.advance(1.0)
    study.strategy = Thinker(points)
    assert study.advance(2.0).proposed == (0, 1)


def test_a_searcher_that_died_is_replaced(make: Callable[..., Study]) -> None:
    study = make()
    with study.store.lock("s") as session:
        session.start_thinking(1.0, THINKING_SECONDS)
    assert study.advance(2.0).step == "busy"
    assert study.advance(1.0 + THINKING_SECONDS).proposed == (0, 1)


def test_two_searchers_at_once_propose_one_round(make: Callable[..., Study]) -> None:
    study = make()
    barrier = threading.Barrier(4)
    steps: list[str] = []

    def search() -> None:
        barrier.wait()
        steps.append(study.advance(1.0).step)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps.count("proposed") == 1
    assert len(study.store.trials("s")) == 2


def test_the_strategy_is_made_from_the_program(
    store: Store, make_program: Callable[..., Program], counting: Any
) -> None:
    store.create_study("s", "{}", "sha256:1", 0.0)
    asked: list[StrategyChoice] = []

    def make(choice: StrategyChoice) -> Any:
        asked.append(choice)
        return counting()

    chosen = StrategyChoice("bayesian", (("samples", 64),))
    advance(store, make_program(strategy=chosen), make, 1.0)
    assert asked == [chosen]
