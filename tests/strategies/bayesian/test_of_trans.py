"""OF-Trans: learns from past studies what holds here, and forgets what does not."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
import torch

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Space
from omniforce.strategies.bayesian.fallbacks import Fallbacks
from omniforce.strategies.bayesian.parts import Fitted, Training
from omniforce.strategies.bayesian.rows import Rows
from omniforce.strategies.bayesian.surrogates.gaussian_process.process import Process
from omniforce.strategies.bayesian.surrogates.of_trans.surrogate import OFTrans
from omniforce.strategies.bayesian.surrogates.of_trans.transferred import Either
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Past, Problem, Reward
from omniforce.strategies.table import make

ROOT = Path(__file__).parents[3]
DOWN = Goal("loss", "minimize")
UNIT = FloatRange(0.0, 1.0)
SPACE = Space(
    (
        Coordinate("x", (), UNIT),
        Coordinate("y", (), UNIT),
        Coordinate("z", (), UNIT),
        Coordinate("kind", (), Choice(("a", "b", "c"))),
    )
)
Loss = Callable[[Assignment], float]


def loss(shift: float) -> Loss:
    """A family: a valley at a place that moves a little, and one kind that is best."""

    def measure(point: Assignment) -> float:
        x, y, z = (
            float(point[name]) - at - shift for name, at in (("x", 0.3), ("y", 0.6), ("z", 0.8))
        )
        return (
            x * x
            + 2.0 * y * y
            + 0.5 * z * z
            + x * y
            + {"a": 0.0, "b": 0.2, "c": 0.4}[str(point["kind"])]
        )

    return measure


VALLEY = loss(0.0)


def past(seed: int, measure: Loss, trials: int = 25) -> Past:
    generator = Random(f"past/{seed}")
    points = Sampler.of(SPACE).many(trials, generator)
    rewards = [told(n, point, measure(point)) for n, point in enumerate(points)]
    return Past(f"past-{seed}", SPACE, (DOWN,), tuple(rewards))


def told(trial: int, point: Assignment, figure: float) -> Reward:
    return Reward(trial, point, Outcome.COMPLETED, {"loss": figure})


def alike(count: int = 4) -> tuple[Past, ...]:
    return tuple(past(n, loss(0.04 * (n - 1.5))) for n in range(count))


def opposite() -> tuple[Past, ...]:
    return tuple(past(n, lambda point: -loss(0.0)(point)) for n in range(4))


def shuffled() -> tuple[Past, ...]:
    generator = Random("shuffled")
    return tuple(past(n, lambda _: generator.random()) for n in range(4))


def problem(studies: tuple[Past, ...], seed: int = 0, budget: int = 24) -> Problem:
    return Problem(SPACE, (DOWN,), seed, budget, 1, studies)


def best(name: str, question: Problem, measure: Loss, trials: int) -> list[float]:
    """The best figure after each trial of a search."""
    strategy, rewards, found = make(StrategyChoice(name)).bind_space(question), list[Reward](), []
    for trial in range(trials):
        (point,) = strategy.handle_rewards(rewards).generate_tasks(1)
        rewards.append(told(trial, point, measure(point)))
        found.append(min(reward.metrics["loss"] for reward in rewards))
    return found


def fitted(studies: tuple[Past, ...], trials: int, measure: Loss = VALLEY) -> Fitted:
    """What is believed after some random trials."""
    points = Sampler.of(SPACE).many(trials, Random("trials"))
    rewards = tuple(told(n, point, measure(point)) for n, point in enumerate(points))
    study = Knowledge.of(problem(studies)).knowing(rewards)
    rows = Rows(study.sampler.encoding)
    y = torch.tensor([-reward.metrics["loss"] for reward in rewards]).double()
    y = (y - y.mean()) / y.std(correction=0)
    figures = torch.tensor([reward.metrics["loss"] for reward in rewards]).double().numpy()
    places = tuple(range(trials))
    x = rows.of(points)
    training = Training(study, rows, DOWN, places, x, y, figures, "a test", Fallbacks(0))
    return OFTrans().fit(training)


def share(belief: Fitted) -> float:
    assert isinstance(belief, Either)
    return belief.share


def test_without_a_past_it_is_a_gaussian_process() -> None:
    assert isinstance(fitted((), 6), Process)


def test_a_past_that_foretells_the_trials_is_believed_and_one_that_does_not_is_not() -> None:
    assert share(fitted(alike(), 12)) > 0.9
    assert share(fitted(shuffled(), 12)) < 0.5


def test_studies_that_rank_the_trials_wrongly_weigh_little() -> None:
    belief = fitted((*alike(2), *opposite()[:2]), 12)
    assert isinstance(belief, Either)
    weights = belief.one.hearsay.weights.tolist()  # type: ignore[attr-defined]
    assert min(weights[:2]) > 100 * max(weights[2:])


@pytest.mark.parametrize("trials", [2, 3, 12])
def test_its_moments_are_those_of_its_joint(trials: int) -> None:
    belief = fitted(alike(), trials)
    rows = Rows(Sampler.of(SPACE).encoding).of(Sampler.of(SPACE).many(5, Random("rows")))
    mean, variance = belief.moments(rows)
    together, covariance = belief.joint(rows)
    torch.testing.assert_close(together, mean)
    torch.testing.assert_close(covariance.diagonal(), variance, rtol=1e-6, atol=1e-9)
    assert float(torch.linalg.eigvalsh(covariance).min()) > -1e-8
    batched = belief.joint(rows.unsqueeze(1))
    torch.testing.assert_close(batched[0].squeeze(-1), mean)


def test_what_is_believed_of_a_row_is_then_expected_there() -> None:
    belief = fitted(alike(), 12)
    rows = Rows(Sampler.of(SPACE).encoding).of(Sampler.of(SPACE).many(2, Random("rows")))
    values = torch.tensor([1.5, -1.0]).double()
    before, wide = belief.moments(rows)
    after, narrow = belief.believing(rows, values).moments(rows)
    assert bool(((after - values).abs() < (before - values).abs()).all())
    assert bool((narrow < wide).all())


@cache
def cold(seed: int) -> list[float]:
    """What a search without a past has found after each of 16 trials."""
    return best("bayesian", problem((), seed), VALLEY, 16)


def test_with_a_past_alike_it_is_where_a_cold_start_is_after_twice_as_many_trials() -> None:
    warm = [best("of-trans", problem(alike(), seed), VALLEY, 6)[-1] for seed in range(4)]
    assert statistics.mean(warm) <= statistics.mean(cold(seed)[11] for seed in range(4))


@pytest.mark.parametrize(("misleading", "trials"), [(opposite, 2), (shuffled, 6)])
def test_a_past_that_misleads_costs_a_few_trials(
    misleading: Callable[[], tuple[Past, ...]], trials: int
) -> None:
    warm = [best("of-trans", problem(misleading(), seed), VALLEY, 18)[-1] for seed in range(4)]
    assert statistics.mean(warm) <= statistics.mean(cold(seed)[17 - trials] for seed in range(4))


def suggested() -> str:
    """What comes after seven trials."""
    rewards = tuple(
        told(n, point, VALLEY(point))
        for n, point in enumerate(Sampler.of(SPACE).many(7, Random("seven")))
    )
    strategy = make(StrategyChoice("of-trans")).bind_space(problem(alike()))
    return repr(strategy.handle_rewards(rewards).generate_tasks(2))


def test_another_process_suggests_the_same() -> None:
    code = "from tests.strategies.bayesian.test_of_trans import suggested; print(suggested())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == suggested()


def test_it_goes_by_each_metric_that_a_past_study_has() -> None:
    goals = (DOWN, Goal("seconds", "minimize"))
    studies = tuple(replace(each, goals=(DOWN,)) for each in alike())
    question = Problem(SPACE, goals, 0, 24, 1, studies)
    points = Sampler.of(SPACE).many(6, Random("six"))
    rewards = tuple(
        Reward(n, point, Outcome.COMPLETED, {"loss": loss(0.0)(point), "seconds": float(n)})
        for n, point in enumerate(points)
    )
    strategy = make(StrategyChoice("of-trans")).bind_space(question).handle_rewards(rewards)
    assert len(strategy.generate_tasks(1)) == 1


def test_twenty_studies_of_hundreds_of_trials_are_learned_from_in_seconds() -> None:
    studies = tuple(past(n, loss(n / 100), trials=500) for n in range(20))
    points = Sampler.of(SPACE).many(10, Random("ten"))
    rewards = tuple(told(n, point, loss(0.0)(point)) for n, point in enumerate(points))
    strategy = make(StrategyChoice("of-trans")).bind_space(problem(studies)).handle_rewards(rewards)
    before = time.process_time()
    strategy.generate_tasks(1)
    assert time.process_time() - before < 20.0
