"""Each optimizer finds the maximum of a simple score, and only among new feasible points."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest
import torch
from torch import Tensor

from omniforce.spec.expression.tree import Binary, Compare, Literal_, Name, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, Space, validate
from omniforce.strategies.bayesian.generators.mixed import Mixed
from omniforce.strategies.bayesian.optimizers.enumeration import Enumeration, enumerated
from omniforce.strategies.bayesian.parts import CandidateGenerator, Field, Optimizer, Score
from omniforce.strategies.bayesian.rows import Rows
from omniforce.strategies.bayesian.table import GENERATORS, OPTIMIZERS, make_part
from omniforce.strategies.conformance.spaces import (
    CONDITIONAL,
    IMPOSSIBLE,
    LISTS,
    ONE_POINT,
    SMALL,
)
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.encoding import Key
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import EmptySpace, Goal, Problem

SPACES = {"conditional": CONDITIONAL, "lists": LISTS, "small": SMALL}
TRIANGLE = Space(
    tuple(Coordinate(name, (), FloatRange(0.0, 1.0)) for name in "xy"),
    (Compare("<=", Binary("+", Name("x"), Name("y")), Literal_(1.0)),),
)
PLANE = Space(TRIANGLE.coordinates)


def field(space: Space, known: set[Key] = frozenset(), elite: int = 0, seed: int = 1) -> Field:  # type: ignore[assignment]
    study = Knowledge.of(Problem(space, (Goal("gain", "maximize"),), 1, 40))
    generator = random.Random(seed)
    best = study.sampler.many(elite, generator)
    return Field(study, Rows(study.sampler.encoding), known, best, 200, generator)


def towards(where: Field, point: Assignment) -> Score:
    """The score whose maximum, 0, is at this point; what is inactive is far from what is not."""
    target = where.rows.of([point])
    return lambda rows: -(rows - target).square().sum(-1)


def decoded(space: Space, grid: Enumeration) -> list[dict[str, Value]]:
    decode = Sampler.of(space).encoding.decode
    return [decode([0.0 if place is None else place for place in key]) for key in grid.keys]


@pytest.fixture(params=sorted(OPTIMIZERS))
def optimizer(request: pytest.FixtureRequest) -> Optimizer:
    made: Optimizer = make_part("optimizer", request.param, {})
    return made


@pytest.mark.parametrize("name", sorted(SPACES))
def test_finds_the_maximum_and_proposes_nothing_known(name: str, optimizer: Optimizer) -> None:
    space = SPACES[name]
    sampler = Sampler.of(space)
    drawn = sampler.many(40, random.Random(8))
    known = {sampler.key(point) for point in drawn[1:30] if point != drawn[0]}
    known = set(sorted(known, key=str)[:3]) if space is SMALL else known
    where = field(space, known)
    found = optimizer.maximise(towards(where, drawn[0]), Mixed().points(where), where)
    scores = towards(where, drawn[0])(where.rows.of(found))
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert [validate(space, point) for point in found] == [()] * len(found)
    keys = [sampler.key(point) for point in found]
    assert (len(set(keys)), set(keys) & known) == (len(keys), set())
    # Of six hundred thousand lists, one within a step of the best is as good as found.
    assert scores[0] > (-0.12 if space is LISTS else -0.02)


def test_gives_nothing_where_nothing_is_left(optimizer: Optimizer) -> None:
    sampler = Sampler.of(ONE_POINT)
    where = field(ONE_POINT, {sampler.key({"a": "only"})})
    assert optimizer.maximise(lambda rows: rows.sum(-1), [], where) == []


def test_stops_at_the_edge_of_what_is_feasible(optimizer: Optimizer) -> None:
    where = field(TRIANGLE)
    # Highest outside, at (1, 0.6); the best that is feasible is (0.7, 0.3).
    found = optimizer.maximise(towards(where, {"x": 1.0, "y": 0.6}), Mixed().points(where), where)
    assert [validate(TRIANGLE, point) for point in found] == [()] * len(found)
    assert float(found[0]["x"]) == pytest.approx(0.7, abs=0.1)
    assert float(found[0]["x"]) + float(found[0]["y"]) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", ["lbfgs", "alternating"])
def test_climbs_to_the_top_of_a_wavy_score(name: str) -> None:
    where = field(PLANE)

    def branin(rows: Tensor) -> Tensor:
        x, y = 15 * rows[:, 0] - 5, 15 * rows[:, 1]
        bowl = y - 5.1 / (4 * math.pi**2) * x.square() + 5 / math.pi * x - 6
        return -(bowl.square() + 10 * (1 - 1 / (8 * math.pi)) * x.cos() + 10)

    best, *_ = make_part("optimizer", name, {}).maximise(branin, Mixed().points(where), where)
    assert float(branin(where.rows.of([best]))) == pytest.approx(-0.397887, abs=1e-4)


@pytest.mark.parametrize("name", ["lbfgs", "alternating"])
def test_looks_around_where_a_score_has_no_slope(name: str) -> None:
    where = field(PLANE)

    def stairs(rows: Tensor) -> Tensor:
        return (rows.detach() * 20).floor().sum(-1)

    starts = Mixed().points(where)
    best, *_ = make_part("optimizer", name, {}).maximise(stairs, starts[:20], where)
    at_first = stairs(where.rows.of(starts[:20])).max()
    assert stairs(where.rows.of([best])).item() > float(at_first)


def test_a_row_that_is_inactive_stays_so() -> None:
    where = field(CONDITIONAL)
    trees = [point for point in Mixed().points(where) if point["family"] == "trees"][:5]
    target: dict[str, Value] = {"family": "trees", "rate": 2e-3, "leaves": 20, "share": 0.31}
    best, *_ = make_part("optimizer", "lbfgs", {}).maximise(towards(where, target), trees, where)
    assert {name: best[name] for name in ("family", "rate")} == {
        "family": "trees",
        "rate": pytest.approx(2e-3, rel=1e-3),
    }
    assert best.keys() == target.keys()


def test_enumerates_each_feasible_point_once() -> None:
    grid = enumerated(Sampler.of(SMALL))
    assert grid is not None
    points = {(point["a"], point["b"]) for point in decoded(SMALL, grid)}
    assert points == set(product("xyz", (1, 2)))
    assert torch.cat(grid.chunks).tolist() == [list(key) for key in grid.keys]
    assert [grid.place[key] for key in grid.keys] == list(range(6))
    assert enumerated(Sampler.of(SMALL)) is grid


def test_enumerates_what_is_active_only() -> None:
    coordinates = [
        each for each in CONDITIONAL if each.name in ("family", "depth", "units", "leaves")
    ]
    space = Space(tuple(coordinates), CONDITIONAL.constraints)
    grid = enumerated(Sampler.of(space))
    assert grid is not None
    points = decoded(space, grid)
    assert [validate(space, point) for point in points] == [()] * len(points)
    assert len({tuple(point.items()) for point in points}) == len(points)
    # Trees have 255 numbers of leaves; nets are counted by hand.
    nets = sum(
        depth * first <= 48
        for depth in (1, 2, 3)
        for first in (8, 16, 32)
        for _ in range(3 if depth >= 2 else 1)
    )
    assert len(points) == 255 + nets


def test_enumerates_no_large_space_and_none_that_is_empty() -> None:
    letters = Choice(tuple("abcdefgh"))
    large = Space(tuple(Coordinate("op", (at,), letters) for at in range(5)))
    narrow = Space(large.coordinates, (Compare("==", Name("op", (0,)), Literal_("a")),))
    assert enumerated(Sampler.of(large)) is None
    # Few are feasible, in a search as deep as there are coordinates.
    deep = tuple(Coordinate("a", (at,), Choice((0, 1), ordered=True)) for at in range(1200))
    none = tuple(Compare("==", Name("a", (at,)), Literal_(0)) for at in range(1200))
    assert enumerated(Sampler.of(Space(deep, none))) is None
    assert enumerated(Sampler.of(PLANE)) is None
    assert enumerated(Sampler.of(IMPOSSIBLE)) is None
    few = enumerated(Sampler.of(narrow))
    assert few is not None
    assert len(few.keys) == 8**4


def test_two_spaces_that_python_holds_equal_are_two() -> None:
    # `1 == True`, and a condition on one does not hold for the other.
    def space(value: int | bool) -> Space:
        when = (Compare("==", Name("a"), Literal_(1)),)
        return Space(
            (Coordinate("a", (), Choice((value,))), Coordinate("b", (), Choice(("x", "y")), when))
        )

    sizes = [len(grid.keys) for v in (1, True) if (grid := enumerated(Sampler.of(space(v))))]
    assert sizes == [2, 1]


@pytest.fixture(params=sorted(GENERATORS))
def generator(request: pytest.FixtureRequest) -> CandidateGenerator:
    made: CandidateGenerator = make_part("generator", request.param, {})
    return made


@pytest.mark.parametrize("elite", [0, 5])
@pytest.mark.parametrize("name", sorted(SPACES))
def test_generators_offer_new_feasible_points(
    name: str, elite: int, generator: CandidateGenerator
) -> None:
    sampler = Sampler.of(SPACES[name])
    known = {sampler.key(point) for point in sampler.many(2, random.Random(5))}
    points = generator.points(field(SPACES[name], known, elite))
    keys = [sampler.key(point) for point in points]
    assert [validate(SPACES[name], point) for point in points] == [()] * len(points)
    assert (len(set(keys)), set(keys) & known) == (len(keys), set())
    assert len(points) >= (4 if name == "small" else 100)


def test_generators_say_where_nothing_is_feasible(generator: CandidateGenerator) -> None:
    with pytest.raises(EmptySpace):
        generator.points(field(IMPOSSIBLE))


def test_sobol_points_leave_no_gap() -> None:
    points = make_part("generator", "sobol", {}).points(field(PLANE))
    cells = {(int(8 * point["x"]), int(8 * point["y"])) for point in points}
    assert len(cells) == 64


def test_perturbations_stay_near_the_best_and_the_box_around_them() -> None:
    where = field(PLANE)
    near = [{"x": 0.5, "y": 0.5}, {"x": 0.55, "y": 0.5}]
    where = Field(where.study, where.rows, set(), near, 200, random.Random(1))
    spans = {}
    for name, options in (("perturbation", {}), ("shrinking", {"outside": 0.0}), ("priors", {})):
        points = make_part("generator", name, options).points(where)
        spans[name] = sum(abs(point["x"] - 0.5) + abs(point["y"] - 0.5) for point in points) / len(
            points
        )
    assert spans["shrinking"] < spans["perturbation"] < spans["priors"]
    assert spans["shrinking"] < 0.05
