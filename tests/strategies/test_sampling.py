from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.expression.tree import Binary, Compare, Literal_, Name, Value
from omniforce.spec.space import (
    Choice,
    Coordinate,
    FloatRange,
    IntRange,
    LogNormal,
    Space,
    Weights,
    validate,
)
from omniforce.strategies.points.encoding import Key
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import EmptySpace, SpaceExhausted
from tests.support.spaces import places_in, spaces


@given(spaces(), st.integers(0, 2**32))
def test_random_points_are_valid(space: Space, seed: int) -> None:
    sampler, generator = Sampler.of(space), Random(seed)
    assert [validate(space, sampler.random(generator)) for _ in range(3)] == [()] * 3
    assert [validate(space, point) for point in sampler.many(5, generator)] == [()] * 5


@given(spaces(), st.integers(0, 2**32), st.floats(0.01, 1.0))
def test_neighbours_of_valid_points_are_valid(space: Space, seed: int, reach: float) -> None:
    sampler, generator = Sampler.of(space), Random(seed)
    point = sampler.random(generator)
    assert validate(space, sampler.neighbour(point, generator, reach)) == ()


@given(spaces(), st.data())
def test_the_point_near_a_place_is_valid(space: Space, data: st.DataObject) -> None:
    unit = data.draw(places_in(space))
    assert validate(space, Sampler.of(space).near(unit, Random(0))) == ()


@given(spaces(), st.integers(0, 2**32), st.data())
def test_holds_what_has_nothing_wrong_with_it(space: Space, seed: int, data: st.DataObject) -> None:
    sampler = Sampler.of(space)
    points: list[dict[str, Value]] = [
        sampler.random(Random(seed)),
        sampler.encoding.decode(data.draw(places_in(space))),  # it may break constraints
    ]
    name = data.draw(st.sampled_from([*points[0], "none"]))
    points.append({key: value for key, value in points[0].items() if key != name})
    values: list[Value] = ["b", 1, True, -2.5, 1e9]
    odd: dict[str, Value] = {name: data.draw(st.sampled_from(values))}
    points.append(points[0] | odd)
    assert [sampler.holds(p) for p in points] == [validate(space, p) == () for p in points]


def test_a_space_without_coordinates_has_one_point() -> None:
    sampler = Sampler.of(Space(()))
    assert sampler.random(Random(0)) == {}
    with pytest.raises(SpaceExhausted):
        sampler.random(Random(0), {sampler.key({})})


def test_goes_through_listed_values_alone() -> None:
    space = Space(
        (Coordinate("a", (), IntRange(1, 9)), Coordinate("b", (), IntRange(1, 9))),
        (Compare("<=", Binary("+", Name("a"), Name("b")), Literal_(8)),),
    )
    sampler, known = Sampler.of(space), set[Key]()
    found: list[dict[str, Value]] = []
    for _ in range(3):
        found.append(sampler.among([(2, 5), (3, 6)], known))
        known.add(sampler.key(found[-1]))
    assert found == [{"a": 2, "b": 3}, {"a": 2, "b": 6}, {"a": 5, "b": 3}]
    with pytest.raises(SpaceExhausted):
        sampler.among([(2, 5), (3, 6)], known)
    with pytest.raises(EmptySpace):
        sampler.among([(6,), (6,)])


def test_a_narrow_feasible_set_does_not_starve() -> None:
    space = Space(
        tuple(Coordinate(name, (), FloatRange(0.0, 1.0)) for name in "xyz"),
        (
            Compare(
                "<=",
                Binary("+", Binary("+", Name("x"), Name("y")), Name("z")),
                Literal_(1e-4),
            ),
        ),
    )
    points = Sampler.of(space).many(20, Random(0))
    assert [validate(space, point) for point in points] == [()] * 20
    assert len({tuple(point.values()) for point in points}) == 20


def test_an_equation_between_whole_numbers_is_solved() -> None:
    space = Space(
        (
            Coordinate("a", (), IntRange(1, 200)),
            Coordinate("unrelated", (), IntRange(1, 200)),
            Coordinate("b", (), IntRange(1, 200)),
        ),
        (Compare("==", Binary("*", Name("a"), Name("b")), Literal_(187)),),
    )
    sampler, generator = Sampler.of(space), Random(0)
    found = {(p["a"], p["b"]) for p in (sampler.random(generator) for _ in range(12))}
    assert found <= {(1, 187), (11, 17), (17, 11), (187, 1)}
    assert len(found) >= 2


def test_says_where_nothing_is_feasible() -> None:
    space = Space(
        (Coordinate("a", (), IntRange(1, 9)), Coordinate("b", (), FloatRange(0.0, 1.0))),
        (Compare(">", Binary("+", Name("a"), Name("b")), Literal_(10)),),
    )
    with pytest.raises(EmptySpace, match="no point satisfies all constraints"):
        Sampler.of(space).random(Random(0))


def test_finds_the_last_point_of_a_finite_space_and_then_says_that_it_is_exhausted() -> None:
    space = Space(tuple(Coordinate(name, (), Choice(tuple(range(5)))) for name in "abcd"))
    sampler, generator, known = Sampler.of(space), Random(0), set[Key]()
    for _ in range(5**4):
        known.add(sampler.key(sampler.random(generator, known)))
    assert len(known) == 5**4
    with pytest.raises(SpaceExhausted):
        sampler.random(generator, known)


def test_the_default_is_as_written_and_the_rest_in_the_middle() -> None:
    space = Space(
        (
            Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log"), default=1e-3),
            Coordinate("method", (), Choice(("sgd", "adam"))),
            Coordinate("depth", (), IntRange(1, 9)),
        )
    )
    sampler = Sampler.of(space)
    point: dict[str, Value] = {"rate": 1e-3, "method": "sgd", "depth": 5}
    assert sampler.default(Random(0), ()) == point
    assert sampler.default(Random(0), {sampler.key(point)}) is None


def test_where_a_prior_stands_for_a_default_its_middle_comes_first() -> None:
    space = Space(
        (
            Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log"), prior=LogNormal(1e-3, 1.5)),
            Coordinate("method", (), Choice(("sgd", "adam")), prior=Weights((0.2, 0.8))),
            Coordinate("depth", (), IntRange(1, 9)),
        )
    )
    point = Sampler.of(space).default(Random(0), ())
    assert point == {"rate": pytest.approx(1e-3, rel=0.1), "method": "adam", "depth": 5}


def test_a_default_that_breaks_a_constraint_is_mended() -> None:
    space = Space(
        (
            Coordinate("a", (), IntRange(1, 9), default=9),
            Coordinate("b", (), IntRange(1, 9), default=9),
        ),
        (Compare("<=", Binary("+", Name("a"), Name("b")), Literal_(12)),),
    )
    assert Sampler.of(space).default(Random(0), ()) == {"a": 9, "b": 3}
