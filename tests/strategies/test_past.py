"""Past studies in the terms of the present one, and the first points that come of them."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.tree import Compare, Value
from omniforce.spec.space import Choice, Coordinate, Domain, FloatRange, IntRange, Space, validate
from omniforce.strategies.past.agreement import is_borne_out
from omniforce.strategies.past.overlap import overlap, place
from omniforce.strategies.past.portfolio import MOST, first_points
from omniforce.strategies.past.tasks import (
    MOST_STUDIES,
    MOST_TRIALS,
    informative,
    shared_goals,
    tasks_of,
)
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Past, Problem, Reward
from omniforce.strategies.table import make

UP = Goal("accuracy", "maximize")
UNIT = Space((Coordinate("x", (), FloatRange(0.0, 1.0)), Coordinate("y", (), FloatRange(0.0, 1.0))))


def done(trial: int, accuracy: float, **point: Value) -> Reward:
    return Reward(trial, point, Outcome.COMPLETED, {"accuracy": accuracy})


def grid(best: float, space: Space = UNIT, name: str = "old", count: int = 6) -> Past:
    """Trials on a grid, the better the closer to `best` on both axes."""
    places = [(i / (count - 1), j / (count - 1)) for i in range(count) for j in range(count)]
    rewards = [
        done(n, 1.0 - abs(x - best) - abs(y - best), x=x, y=y) for n, (x, y) in enumerate(places)
    ]
    return Past(name, space, (UP,), tuple(rewards))


def problem(*past: Past, space: Space = UNIT, budget: int = 40) -> Problem:
    return Problem(space, (UP,), 1, budget, 1, past)


def first(question: Problem) -> tuple[dict[str, Value], ...]:
    return tuple(dict(point) for point in first_points(question, Sampler.of(question.space)))


@pytest.mark.parametrize(
    ("domain", "value", "where"),
    [
        (FloatRange(0.0, 1.0), 0.25, 0.25),
        (FloatRange(0.0, 1.0), 1, 1.0),
        (FloatRange(0.0, 1.0), 1.5, None),
        (FloatRange(0.0, 1.0), True, None),
        (FloatRange(0.0, 1.0), "0.5", None),
        (FloatRange(1e-3, 1e-1, "log"), 1e-2, 0.5),
        (IntRange(0, 1), 0.4, 0.25),
        (IntRange(0, 1), 7, None),
        (Choice(("a", "b")), "b", 0.75),
        (Choice(("a", "b")), "c", None),
        (Choice((1, True)), True, 0.75),
        (Choice((1, True)), 1, 0.25),
    ],
)
def test_a_past_value_has_a_place_or_lies_outside(
    domain: Domain, value: Value, where: float | None
) -> None:
    found = place(domain, value)
    assert found == (where if where is None else pytest.approx(where))


def _space(names: set[str]) -> Space:
    return Space(tuple(Coordinate(name, (), IntRange(0, 9)) for name in sorted(names)))


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_overlap_is_the_share_of_common_coordinates(one: set[str], other: set[str]) -> None:
    found = overlap(_space(one), _space(other))
    assert found == overlap(_space(other), _space(one))
    assert found == (len(one & other) / len(one | other) if one | other else 0.0)


@pytest.mark.parametrize(
    ("here", "there", "alike"),
    [
        (IntRange(0, 9), IntRange(9, 20), True),
        (IntRange(0, 9), IntRange(10, 20), False),
        (FloatRange(0.0, 1.0), IntRange(1, 5), True),
        (Choice(("a", "b")), Choice(("b", "c")), True),
        (Choice(("a", "b")), Choice(("c",)), False),
        (Choice((1, 2)), IntRange(2, 5), True),
        (IntRange(2, 5), Choice(("a", 3)), True),
        (IntRange(2, 5), Choice(("a", True)), False),
    ],
)
def test_coordinates_of_one_name_are_shared_where_a_value_is(
    here: Domain, there: Domain, alike: bool
) -> None:
    found = overlap(Space((Coordinate("x", (), here),)), Space((Coordinate("x", (), there),)))
    assert found == (1.0 if alike else 0.0)


def test_trials_with_a_value_outside_of_the_space_are_left_out() -> None:
    narrow = Space((Coordinate("x", (), FloatRange(0.0, 0.5)),))
    wide = Space((Coordinate("x", (), FloatRange(0.0, 1.0)),))
    past = Past("old", wide, (UP,), (done(0, 0.1, x=0.1), done(1, 0.9, x=0.9), done(2, 0.4, x=0.4)))
    (task,) = tasks_of(problem(past, space=narrow))
    assert [reward.trial for reward in task.rewards] == [0, 2]
    assert task.standings == (0.0, 1.0)


def test_what_a_past_study_did_not_search_is_unknown() -> None:
    only_y = Space((Coordinate("y", (), FloatRange(0.0, 1.0)), Coordinate("z", (), IntRange(0, 1))))
    past = Past("old", only_y, (UP,), (done(0, 0.1, y=0.25, z=1), done(1, 0.2, y=0.75, z=0)))
    (task,) = tasks_of(problem(past))
    assert task.known == (1,)
    assert task.keys == ((None, 0.25), (None, 0.75))


def test_goals_are_shared_by_metric_and_direction() -> None:
    down = Goal("loss", "minimize")
    assert shared_goals((UP, down), (down, Goal("accuracy", "minimize"))) == (down,)


@pytest.mark.parametrize(
    "past",
    [
        Past("empty", UNIT, (UP,), ()),
        Past("one", UNIT, (UP,), (done(0, 0.5, x=0.1, y=0.1),)),
        Past("constant", UNIT, (UP,), tuple(done(n, 0.5, x=n / 9, y=0.1) for n in range(9))),
        Past("failed", UNIT, (UP,), (Reward(0, {"x": 0.1, "y": 0.1}, Outcome.FAILED, {}),) * 3),
        Past("no-number", UNIT, (UP,), (done(0, math.nan, x=0.1, y=0.1),) * 3),
        Past("other-goal", UNIT, (Goal("accuracy", "minimize"),), grid(0.5).rewards),
        Past("elsewhere", Space((Coordinate("z", (), IntRange(0, 9)),)), (UP,), grid(0.5).rewards),
    ],
    ids=lambda past: past.study,
)
def test_a_past_that_says_nothing_changes_nothing(past: Past) -> None:
    assert first(problem(past)) == ()
    for name in ("random", "sobol", "bayesian", "of-trans"):
        cold, warm = (
            make(StrategyChoice(name)).bind_space(each).handle_rewards(()).generate_tasks(3)
            for each in (problem(), problem(past))
        )
        assert cold == warm


def test_the_first_point_is_what_did_best_elsewhere() -> None:
    point = first(problem(grid(0.2)))[0]
    assert point == {"x": pytest.approx(0.2), "y": pytest.approx(0.2)}


def test_each_next_point_serves_the_studies_that_the_first_did_not() -> None:
    found = first(problem(grid(0.0, name="a"), grid(1.0, name="b"), grid(0.0, name="c")))
    assert found[:2] == ({"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0})


def test_they_are_few_however_many_studies_there_are() -> None:
    studies = [grid(n / 50, name=f"s{n}") for n in range(50)]
    assert len(first(problem(*studies))) == MOST
    assert len(first(problem(*studies, budget=8))) == 1
    assert len(tasks_of(problem(*studies))) == MOST_STUDIES


def test_they_come_after_the_defaults_of_the_spec() -> None:
    default = replace(UNIT.coordinates[0], default=0.6)
    space = replace(UNIT, coordinates=(default, UNIT.coordinates[1]))
    strategy = make(StrategyChoice("random")).bind_space(problem(grid(0.2), space=space))
    points = strategy.handle_rewards(()).generate_tasks(2)
    assert points[0] == {"x": 0.6, "y": pytest.approx(0.5)}
    assert points[1] == {"x": pytest.approx(0.2), "y": pytest.approx(0.2)}


def test_they_keep_the_constraints_of_the_present_space() -> None:
    limit = parse("condition", "x + y <= 0.5")
    assert isinstance(limit, Compare)
    space = replace(UNIT, constraints=(limit,))
    question = problem(grid(0.9), space=space)
    found = first(question)
    assert found
    assert all(validate(space, point) == () for point in found)


def test_what_is_new_gets_the_writers_own_guess() -> None:
    depth = Coordinate("depth", (), IntRange(1, 9), default=3)
    space = replace(UNIT, coordinates=(*UNIT.coordinates, depth))
    assert {point["depth"] for point in first(problem(grid(0.2), space=space))} == {3}


def test_a_point_is_proposed_once_also_where_the_study_stops_in_between() -> None:
    question = problem(grid(0.0, name="a"), grid(1.0, name="b"))
    strategy = make(StrategyChoice("random")).bind_space(question)
    together = strategy.handle_rewards(()).generate_tasks(4)
    rewards: tuple[Reward, ...] = ()
    for trial, point in enumerate(together):
        (alone,) = strategy.handle_rewards(rewards).generate_tasks(1)
        assert alone == point
        rewards += (Reward(trial, point, Outcome.PENDING, {}),)


@pytest.mark.parametrize(("best", "is_so"), [(0.2, True), (0.8, False)])
def test_a_past_is_borne_out_by_trials_that_it_would_have_ranked_alike(
    best: float, is_so: bool
) -> None:
    trials = grid(best, count=3).rewards
    assert is_borne_out(problem(grid(0.2)), trials) is is_so
    assert not is_borne_out(problem(grid(0.2)), trials[:3])
    assert not is_borne_out(problem(), trials)


def test_of_very_many_trials_the_best_are_kept_and_some_of_all() -> None:
    many = [done(n, n / 1000, x=0.5, y=0.5) for n in range(1000)]
    kept = informative((UP,), many)
    assert len(kept) == MOST_TRIALS
    assert [reward.trial for reward in kept[-100:]] == list(range(900, 1000))
    assert kept[0].trial == 0


@pytest.mark.parametrize("goals", [(UP,), (UP, Goal("loss", "minimize"))], ids=["one", "two"])
def test_ten_thousand_past_trials_are_read_in_seconds(goals: tuple[Goal, ...]) -> None:
    def trial(n: int) -> Reward:
        x, y = (n * 0.618) % 1.0, (n * 0.755) % 1.0
        metrics = {"accuracy": x * y, "loss": (x - y) ** 2}
        return Reward(n, {"x": x, "y": y}, Outcome.COMPLETED, metrics)

    past = tuple(
        Past(f"s{s}", UNIT, goals, tuple(trial(s * 2500 + n) for n in range(2500)))
        for s in range(4)
    )
    question = replace(problem(*past), goals=goals)
    before = time.process_time()
    assert len(first_points(question, Sampler.of(UNIT))) == MOST
    assert time.process_time() - before < 10.0
    assert all(len(task.keys) == MOST_TRIALS for task in tasks_of(question))
