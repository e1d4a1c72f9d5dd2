"""Whatever the space, strategies without a model ask for valid points, and for none twice."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.space import Space, validate
from omniforce.strategies import table
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import (
    EmptySpace,
    Goal,
    Outcome,
    Problem,
    Reward,
    SpaceExhausted,
)
from tests.support.spaces import spaces

GOALS = (Goal("a", "maximize"), Goal("b", "minimize"), Goal("b", "minimize", 0.8))
CHOICES = [
    StrategyChoice("evolution", (("population", 2), ("crossover", 0.5))),
    StrategyChoice("grid", (("points", 3),)),
    StrategyChoice("local-search", (("initial", 1),)),
    StrategyChoice("local-search", (("initial", 1), ("restart", True), ("order", "random"))),
    StrategyChoice("mf-nas", (("initial", 1),)),
    StrategyChoice("nsga2", (("population", 2),)),
    StrategyChoice("random"),
    StrategyChoice("sobol"),
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{choice.name}")
@given(space=spaces(), seed=st.integers(0, 2**32), objectives=st.integers(1, 3))
@settings(max_examples=12)
def test_asks_for_valid_points_and_none_twice(
    choice: StrategyChoice, space: Space, seed: int, objectives: int
) -> None:
    sampler, noise = Sampler.of(space), Random(seed)
    bound = table.make(choice).bind_space(Problem(space, GOALS[:objectives], seed, 12))
    rewards: tuple[Reward, ...] = ()
    for _ in range(4):
        try:
            points = bound.handle_rewards(rewards).generate_tasks(3)
        except SpaceExhausted:
            assert rewards
            break
        except EmptySpace:
            # A constraint that holds somewhere may hold at no place of a grid.
            assert choice.name == "grid"
            break
        assert [validate(space, point) for point in points] == [()] * len(points)
        rewards += tuple(
            Reward(
                len(rewards) + at,
                point,
                noise.choice((Outcome.COMPLETED, Outcome.COMPLETED, Outcome.PENDING)),
                {"a": noise.random(), "b": noise.random()},
            )
            for at, point in enumerate(points)
        )
    keys = {sampler.key(each.point) for each in rewards}
    assert len(keys) == len(rewards)
