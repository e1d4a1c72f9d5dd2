from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.strategies.protocol import Goal, Outcome, Reward
from omniforce.strategies.ranking import best_first, standings

FEW = st.integers(0, 3).map(float)


def _rewards(figures: Sequence[tuple[float, ...]]) -> list[Reward]:
    return [
        Reward(at, {}, Outcome.COMPLETED, {f"m{k}": value for k, value in enumerate(each)})
        for at, each in enumerate(figures)
    ]


@pytest.mark.parametrize("objectives", [1, 2, 3, 5])
def test_fronts_are_what_is_left_undominated_time_and_again(objectives: int) -> None:
    @given(st.lists(st.tuples(*[FEW] * objectives), max_size=30))
    def law(figures: list[tuple[float, ...]]) -> None:
        goals = tuple(Goal(f"m{k}", "minimize") for k in range(objectives))
        found = [front for _, front, _ in standings(goals, _rewards(figures))]
        left, front = set(range(len(figures))), 0
        while left:
            free = {
                at
                for at in left
                if not any(
                    figures[other] != figures[at]
                    and all(a <= b for a, b in zip(figures[other], figures[at], strict=True))
                    for other in left
                )
            }
            assert {found[at] for at in free} == {front}
            left, front = left - free, front + 1

    law()


def test_of_equals_the_oldest_comes_first() -> None:
    goals = (Goal("m0", "maximize"),)
    ranked = best_first(goals, _rewards([(1.0,), (3.0,), (2.0,), (3.0,)]))
    assert [each.trial for each in ranked] == [1, 3, 2, 0]


def test_trials_without_a_finite_figure_for_each_goal_have_no_rank() -> None:
    goals = (Goal("m0", "maximize"), Goal("m1", "minimize", 1.0))
    rewards = _rewards([(1.0, 0.0), (math.nan, 0.0), (9.0, math.inf), (2.0,), (0.5, 9.0)])
    assert [each.trial for each in best_first(goals, rewards)] == [0, 4]


def test_a_front_as_wide_as_floats_are_has_finite_distances_between_its_ends() -> None:
    goals = (Goal("m0", "minimize"), Goal("m1", "minimize"))
    figures = [(-1.7e308, 1.7e308), (0.0, 0.0), (1.7e308, -1.7e308)]
    crowding = [round(-distance, 9) for _, _, distance in standings(goals, _rewards(figures))]
    assert crowding == [math.inf, 2.0, math.inf]
