"""A budget in GPU-hours, money and energy is kept by what the attempts themselves took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.runtime.engine import advance
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Usage
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.blocks.platform import Platform, Rates
from omniforce.spec.blocks.search import Budget, Resources

HOUR = 3600.0


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    store = Store.open(address)
    store.create_study("s", "{}", "sha256:1", 0.0)
    yield store
    store.close()


def done(seconds: float, joules: float | None = None) -> TrialReport:
    return TrialReport(
        outcome="completed", metrics={"accuracy": 0.5}, seconds=seconds, joules=joules
    )


def priced(program: Program, **rates: float) -> Program:
    return replace(program, platform=Platform(rates=Rates(**rates)))


def test_what_attempts_took_counts_to_their_end_whatever_that_was(store: Store) -> None:
    with store.lock("s") as session:
        session.propose([{"x": n} for n in range(4)], 0.0)
    for trial in range(4):
        store.lease("s", trial, 1, "w", 1e6, 100.0)
    store.finish("s", 0, 1, done(50.0, joules=7.0), 160.0)
    store.finish("s", 1, 1, failed("user-error", "no", 20.0), 160.0)
    with store.lock("s") as session:
        session.cancel([2], "by hand", 130.0)
        # 50 and 20 as they say, 30 to the cancelling, 100 of the one that still runs
        assert session.usage(200.0) == Usage(200.0, 7.0, 150.0)


@pytest.mark.parametrize(
    ("budget", "rates", "reason"),
    [
        (Budget(gpu_hours=2.0), {}, "gpu-hours"),
        (Budget(usd=1.0), {"cpu_hour": 0.5}, "usd"),
        (Budget(usd=3.0), {"cpu_hour": 0.5, "gpu_hour": 0.5}, "usd"),
        (Budget(kwh=0.2), {"cpu_watts": 20.0, "gpu_watts": 80.0}, "energy"),
    ],
)
def test_a_study_ends_when_its_trials_have_used_the_budget(
    store: Store,
    make_program: Callable[..., Program],
    counting: Any,
    budget: Budget,
    rates: dict[str, float],
    reason: str,
) -> None:
    resources = Resources(cpu=1.0, gpu=1)
    program = priced(make_program(budget=budget, resources=resources, parallelism=1), **rates)
    reasons = []
    for trial in range(5):
        now = trial * HOUR + 1.0
        step = advance(store, program, lambda _: counting(), now)
        reasons.append(step.reason)
        if step.reason is not None:
            break
        store.lease("s", trial, 1, "w", 1e6, now)
        store.finish("s", trial, 1, done(HOUR), now + HOUR - 1.0)
    spent = {"gpu-hours": 2, "usd": 2, "energy": 2} if len(rates) < 2 else {"usd": 3, "energy": 2}
    assert reasons == [None] * spent[reason] + [reason]


def test_energy_that_was_measured_counts_in_place_of_the_rate(
    store: Store, make_program: Callable[..., Program], counting: Any
) -> None:
    program = priced(make_program(budget=Budget(kwh=1.0), parallelism=1), cpu_watts=1000.0)
    advance(store, program, lambda _: counting(), 1.0)
    store.lease("s", 0, 1, "w", 1e6, 1.0)
    store.finish("s", 0, 1, done(HOUR, joules=10.0), HOUR)
    assert advance(store, program, lambda _: counting(), HOUR).step == "proposed"


def test_a_study_wakes_when_what_runs_will_have_used_the_rest(
    store: Store, make_program: Callable[..., Program], counting: Any
) -> None:
    program = priced(make_program(budget=Budget(usd=1.0), timeout=1e6), cpu_hour=0.5)
    advance(store, program, lambda _: counting(), 0.0)
    for trial in (0, 1):
        store.lease("s", trial, 1, "w", 1e6, 0.0)
    # memory has no rate: two cores at half a dollar an hour
    assert advance(store, program, lambda _: counting(), 10.0).wake == pytest.approx(HOUR)
    over = advance(store, program, lambda _: counting(), HOUR)
    assert (over.step, over.reason) == ("completed", "usd")
    assert [trial.state for trial in store.trials("s")] == ["cancelled", "cancelled"]
