from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from omniforce.spec.expression.tree import Binary, Compare, Literal_, Name, Value
from omniforce.spec.space import (
    Assignment,
    Choice,
    Coordinate,
    FloatRange,
    IntRange,
    LogNormal,
    Space,
)
from omniforce.strategies.grid import Grid
from omniforce.strategies.protocol import (
    EmptySpace,
    Goal,
    Outcome,
    Problem,
    Reward,
    SpaceExhausted,
)

GOALS = (Goal("loss", "minimize"),)


def _all(space: Space, strategy: Grid, seed: int = 0, at_once: int = 3) -> list[Assignment]:
    """Every point until the grid is exhausted, each call by a strategy of its own."""
    rewards: tuple[Reward, ...] = ()
    problem = Problem(space, GOALS, seed, 1000)
    while True:
        try:
            points = strategy.bind_space(problem).handle_rewards(rewards).generate_tasks(at_once)
        except SpaceExhausted:
            return [each.point for each in rewards]
        rewards += tuple(
            Reward(len(rewards) + at, point, Outcome.COMPLETED, {"loss": 1.0})
            for at, point in enumerate(points)
        )


def _values(points: Sequence[Assignment], name: str) -> set[Value]:
    return {point[name] for point in points if name in point}


def test_goes_through_every_place_once() -> None:
    space = Space(
        (
            Coordinate("method", (), Choice(("sgd", "adam"))),
            Coordinate("rate", (), FloatRange(1e-4, 1.0, "log")),
            Coordinate("depth", (), IntRange(1, 3)),
            Coordinate("share", (), FloatRange(0.0, 0.5, "linear", 0.25)),
        )
    )
    points = _all(space, Grid(points=5))
    assert len(points) == len({tuple(p.values()) for p in points}) == 2 * 5 * 3 * 3
    assert sorted(map(float, _values(points, "rate"))) == pytest.approx([1e-4, 1e-3, 1e-2, 0.1, 1])


def test_begins_coarse_and_becomes_finer() -> None:
    space = Space((Coordinate("x", (), FloatRange(0.0, 8.0)),))
    found = [float(p["x"]) for p in _all(space, Grid(points=9))]
    assert found[0] == 4.0
    assert set(found[1:3]) == {0.0, 8.0}
    assert set(found[3:5]) == {2.0, 6.0}
    assert set(found[5:]) == {1.0, 3.0, 5.0, 7.0}


def test_a_search_that_is_cut_short_has_been_everywhere() -> None:
    space = Space(tuple(Coordinate(n, (), Choice(tuple(range(10)))) for n in "abc"))
    problem = Problem(space, GOALS, 0, 1000)
    points = Grid().bind_space(problem).generate_tasks(40)
    assert [len(_values(points, name)) for name in "abc"] == [10, 10, 10]
    pairs = {(p["a"], p["b"]) for p in points}
    assert len(pairs) > 30


def test_a_coordinate_that_is_inactive_multiplies_nothing() -> None:
    deep = (Compare("==", Name("family"), Literal_("net")),)
    space = Space(
        (
            Coordinate("family", (), Choice(("net", "trees"))),
            Coordinate("depth", (), IntRange(1, 5), deep),
            Coordinate("width", (), IntRange(1, 4), deep),
        )
    )
    points = _all(space, Grid())
    assert len(points) == 5 * 4 + 1
    assert [p for p in points if p["family"] == "trees"] == [{"family": "trees"}]


def test_places_that_break_a_constraint_are_passed_over() -> None:
    space = Space(
        (Coordinate("a", (), IntRange(1, 9)), Coordinate("b", (), IntRange(1, 9))),
        (Compare("==", Binary("+", Name("a"), Name("b")), Literal_(10)),),
    )
    assert sorted(int(p["a"]) for p in _all(space, Grid())) == list(range(1, 10))


def test_a_narrow_set_of_a_vast_grid_is_found() -> None:
    space = Space(
        tuple(Coordinate(name, (), IntRange(0, 99)) for name in "abcdef"),
        (
            Compare("==", Name("a"), Name("b")),
            Compare("==", Name("c"), Name("d")),
            Compare("<=", Binary("+", Name("e"), Name("f")), Literal_(1)),
        ),
    )
    points = Grid().bind_space(Problem(space, GOALS, 0, 10)).generate_tasks(4)
    assert len({tuple(p.values()) for p in points}) == 4


def test_the_default_is_a_place_of_the_grid_and_the_first() -> None:
    space = Space((Coordinate("x", (), FloatRange(0.0, 1.0), default=0.3),))
    found = [float(p["x"]) for p in _all(space, Grid(points=5))]
    assert found[0] == 0.3
    assert sorted(found) == [0.0, 0.3, 0.5, 0.75, 1.0]


def test_places_stand_closer_where_a_prior_expects_good_values() -> None:
    space = Space((Coordinate("x", (), FloatRange(1e-6, 1.0, "log"), prior=LogNormal(1e-3, 2.0)),))
    found = sorted(float(p["x"]) for p in _all(space, Grid(points=7)))
    assert len(found) == 7
    assert sum(1e-4 < x < 1e-2 for x in found) == 5


def test_a_grid_of_many_places_is_never_listed() -> None:
    space = Space(tuple(Coordinate(f"x{k}", (), IntRange(1, 100_000)) for k in range(30)))
    begun = time.process_time()
    points = Grid().bind_space(Problem(space, GOALS, 0, 100)).generate_tasks(50)
    assert len({tuple(p.values()) for p in points}) == 50
    assert time.process_time() - begun < 5.0


def test_says_where_no_place_is_feasible_though_a_point_may_be() -> None:
    space = Space(
        (Coordinate("x", (), FloatRange(0.0, 1.0)),),
        (Compare("==", Binary("*", Name("x"), Literal_(3)), Literal_(1)),),
    )
    bound = Grid().bind_space(Problem(space, GOALS, 0, 10))
    with pytest.raises(EmptySpace, match="no place of the grid satisfies all constraints"):
        bound.generate_tasks(1)
