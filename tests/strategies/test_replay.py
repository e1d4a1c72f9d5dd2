"""A study in a real store: whoever is rebuilt from it asks for what a witness of it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.compiler.ir.program import Program, Search
from omniforce.runtime.engine import advance
from omniforce.runtime.rewards import problem_of
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, StrategyChoice
from omniforce.spec.expression.tree import BestModel, Metric, Objective, Value
from omniforce.strategies import table
from omniforce.strategies.conformance.spaces import CONDITIONAL, figures
from omniforce.strategies.protocol import Outcome, Reward

ROUNDS, AT_ONCE, FAILED = 5, 3, 4
FIDELITY: tuple[tuple[str, Value], ...] = (("fidelity", "share"),)


def _program(strategy: str) -> Program:
    numbers = [each.name for each in table.options(strategy) if each.number]
    search = Search(
        name="search",
        algorithm=AlgorithmInterface("test/toy", 1, "toy:Toy"),
        arguments=(),
        space=CONDITIONAL,
        goals=(
            Objective("maximize", Metric("accuracy")),
            Objective("minimize", Metric("latency")),
        ),
        strategy=StrategyChoice(strategy, FIDELITY if numbers else ()),
        budget=Budget(trials=40),
        parallelism=AT_ONCE,
        seed=5,
        timeout=600.0,
        retries=0,
        model=BestModel(),
    )
    return Program("s", "sha256:1", (search,), Platform())


def _run(store: Store, trial: int, now: float) -> TrialReport:
    """Trains a trial, which takes ten seconds, or fails."""
    leased = store.lease("s", trial, 1, "w", 1e6, now)
    assert leased is not None
    assert store.heartbeat("s", trial, 1, "w", 1e6, now, "running")
    report = failed("user-error", "no", 10.0)
    if trial != FAILED:
        metrics = figures(store.trials("s")[trial].present_point)
        report = TrialReport(outcome="completed", metrics=metrics, seconds=10.0)
    assert store.finish("s", trial, 1, report, now + 10.0)
    return report


@pytest.mark.parametrize("name", sorted(table.STRATEGIES))
def test_is_rebuilt_from_a_store(name: str, tmp_path: Path) -> None:
    program, address = _program(name), f"sqlite:///{tmp_path / 's.db'}"
    (search,) = program.steps
    assert isinstance(search, Search)
    witness = table.make(search.strategy).bind_space(problem_of(search))
    rewards: tuple[Reward, ...] = ()
    for turn in range(ROUNDS):
        store = Store.open(address)
        if not turn:
            store.create_study("s", "{}", "sha256:1", 0.0)
        now = 1.0 + 20.0 * turn
        proposed = advance(store, program, table.make, now).proposed
        expected = witness.handle_rewards(rewards).generate_tasks(AT_ONCE)
        assert [store.trials("s")[trial].point for trial in proposed] == list(expected)
        for trial, point in zip(proposed, expected, strict=True):
            report = _run(store, trial, now)
            outcome = Outcome.FAILED if trial == FAILED else Outcome.COMPLETED
            rewards += (Reward(trial, point, outcome, report.metrics, report.seconds),)
        store.close()
