from __future__ import annotations

import math
from random import Random as Generator

import pytest

from omniforce.spec.expression.tree import Binary, Compare, Literal_, Name
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space, validate
from omniforce.strategies.conformance.spaces import CONDITIONAL
from omniforce.strategies.hyperband.densities import Densities, Density
from omniforce.strategies.points.encoding import Key
from omniforce.strategies.points.sampling import Sampler

Point = dict[str, bool | int | float | str]
SPACE = Space(
    (
        Coordinate("x", (), FloatRange(0, 1)),
        Coordinate("n", (), IntRange(1, 9)),
        Coordinate("kind", (), Choice(("a", "b", "c"))),
    )
)


def _generator() -> Generator:
    return Generator(3)


def test_a_density_has_mass_one() -> None:
    sampler = Sampler.of(SPACE)
    points: list[Point] = [{"x": 0.1, "n": 2, "kind": "a"}, {"x": 0.2, "n": 9, "kind": "a"}]
    density = Density.of(sampler.encoding.axes, [sampler.key(each) for each in points])
    total = 0.0
    for kind in "abc":
        for n in range(1, 10):
            for at in range(200):
                key = sampler.key({"x": (at + 0.5) / 200, "n": n, "kind": kind})
                total += math.exp(density.log(key)) / (200 * 9 * 3)
    assert total == pytest.approx(1.0, abs=0.03)


def test_the_weight_of_a_choice_is_that_of_laplaces_succession() -> None:
    space = Space((Coordinate("kind", (), Choice(("a", "b", "c"))),))
    sampler = Sampler.of(space)
    keys = [sampler.key({"kind": kind}) for kind in ("a", "a", "b")]
    density = Density.of(sampler.encoding.axes, keys)
    (width,) = (axis.width for axis in density.axes)
    share = sum(1.0 - width if key == keys[0] else width / 2 for key in keys) / 3
    assert share == pytest.approx((2 + 1) / (3 + 3))


def test_draws_near_the_good_and_far_from_the_others() -> None:
    points: list[Point] = [
        {"x": at / 40, "n": 1 + at % 9, "kind": "abc"[at % 3]} for at in range(40)
    ]
    ranked = sorted(points, key=lambda p: abs(float(p["x"]) - 0.7) + (p["kind"] != "b"))
    model = Densities.of(Sampler.of(SPACE), ranked)
    assert model is not None
    generator = _generator()
    drawn = [model.draw(generator, ()) for _ in range(40)]
    assert sum(1 for each in drawn if each["kind"] == "b") > 30
    assert sum(1 for each in drawn if abs(float(each["x"]) - 0.7) < 0.2) > 30


def test_too_few_are_no_model() -> None:
    points: list[Point] = [{"x": at / 5, "n": 1, "kind": "a"} for at in range(5)]
    assert Densities.of(Sampler.of(SPACE), points) is None


def test_draws_what_is_feasible_and_new_also_where_conditions_hold() -> None:
    sampler, generator = Sampler.of(CONDITIONAL), _generator()
    model = Densities.of(sampler, sampler.many(30, generator))
    assert model is not None
    known = set[Key]()
    for _ in range(30):
        point = model.draw(generator, known)
        assert validate(CONDITIONAL, point) == ()
        assert sampler.key(point) not in known
        known.add(sampler.key(point))


def test_draws_within_a_narrow_feasible_set() -> None:
    total = Binary("+", Name("x"), Name("y"))
    space = Space(
        (Coordinate("x", (), FloatRange(0, 1)), Coordinate("y", (), FloatRange(0, 1))),
        (Compare(">", total, Literal_(1.98)),),
    )
    sampler = Sampler.of(space)
    ranked: list[Point] = [{"x": at / 20, "y": 1 - at / 20} for at in range(20)]
    model = Densities.of(sampler, ranked)
    assert model is not None
    assert validate(space, model.draw(_generator(), ())) == ()
