"""The cost-aware wait: what a model of the times expects of a trial with its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omniforce.compiler.ir.program import Program
from omniforce.runtime.costs import by_cost
from omniforce.runtime.engine import advance
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Trial
from omniforce.runtime.trial.contract import TrialReport
from omniforce.runtime.waiting import Waiting
from omniforce.spec.blocks.search import Budget
from omniforce.spec.blocks.search import Waiting as WaitingBlock
from omniforce.spec.space import Coordinate, IntRange, Space

SPACE = Space((Coordinate("epochs", (), IntRange(1, 100)),))


def trial(number: int, epochs: int, seconds: float | None = None) -> Trial:
    return Trial(
        number=number,
        attempt=1,
        state="running" if seconds is None else "completed",
        point={"epochs": epochs},
        round=0,
        proposed=0.0,
        requested=0.0,
        metrics={},
        started=0.0,
        finished=seconds,
    )


def test_a_trial_that_costs_more_is_waited_for_longer() -> None:
    completed = [trial(n, epochs, 2.0 * epochs) for n, epochs in enumerate(range(1, 100, 7))]
    wait = by_cost(SPACE, completed, Waiting(deviations=2.0, least=0.0), 1e6)
    assert wait is not None
    for epochs in (10, 50, 90):
        assert 2.0 * epochs < wait(trial(99, epochs)) < 4.0 * epochs


def test_the_wait_stays_between_its_least_and_the_timeout() -> None:
    completed = [trial(n, epochs, 2.0 * epochs) for n, epochs in enumerate(range(1, 100, 7))]
    wait = by_cost(SPACE, completed, Waiting(least=30.0), 100.0)
    assert wait is not None
    assert (wait(trial(99, 1)), wait(trial(99, 99))) == (30.0, 100.0)


def test_too_few_trials_say_nothing() -> None:
    assert by_cost(SPACE, [trial(0, 1, 2.0), trial(1, 2, 4.0)], Waiting(after=3), 100.0) is None


def test_equal_times_and_equal_points_are_no_trouble() -> None:
    completed = [trial(n, 5, 0.0) for n in range(20)]
    wait = by_cost(SPACE, completed, Waiting(least=1.0), 100.0)
    assert wait is not None
    assert wait(trial(99, 5)) == 1.0


def test_a_round_waits_for_the_expensive_and_not_for_the_stuck(
    sqlite_address: str, make_program: Callable[..., Program], counting: Any
) -> None:
    """Trials take x seconds each; the one that hangs is a cheap one."""
    space = Space((Coordinate("x", (), IntRange(0, 99)),))
    program = make_program(
        space=space,
        budget=Budget(trials=60),
        parallelism=20,
        timeout=10_000.0,
        waiting=WaitingBlock(by="cost", deviations=3.0, least=1.0, after=10),
    )
    store = Store.open(sqlite_address)
    store.create_study("s", "{}", "sha256:1", 0.0)
    advance(store, program, lambda _: counting(), 0.0)
    for number in range(20):
        store.lease("s", number, 1, "w", 1e6, 0.0)
        store.heartbeat("s", number, 1, "w", 1e6, 0.0, "running")
        seconds = 10.0 * (number + 1)
        report = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=seconds)
        if number != 2:
            store.finish("s", number, 1, report, seconds)
    step = advance(store, program, lambda _: counting(), 200.0)
    assert step.step == "proposed"
    assert store.trials("s")[2].state == "timed-out"
    store.close()
