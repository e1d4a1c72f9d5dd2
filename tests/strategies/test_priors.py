"""Priors: draws come as the writer expects, cut off at the range, and nothing is ruled out."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import (
    Choice,
    Coordinate,
    Domain,
    FloatRange,
    IntRange,
    LogNormal,
    Normal,
    Prior,
    Space,
    Weights,
    validate,
)
from omniforce.strategies.points.encoding import axis
from omniforce.strategies.points.priors import DOUBT, spread
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Problem
from omniforce.strategies.sobol import Sobol
from tests.support.spaces import domains, priors

DRAWS = 4_000


def draws(domain: Domain, prior: Prior | None, count: int = DRAWS) -> list[Value]:
    sampler = Sampler.of(Space((Coordinate("x", (), domain, prior=prior),)))
    generator = Random(0)
    return [sampler.random(generator)["x"] for _ in range(count)]


def shares(values: list[Value]) -> dict[Value, float]:
    return {value: count / len(values) for value, count in Counter(values).items()}


def test_two_thirds_of_the_draws_lie_within_one_deviation_of_the_mean() -> None:
    drawn = draws(FloatRange(0.0, 1.0), Normal(0.3, 0.05))
    near = sum(0.25 <= float(v) <= 0.35 for v in drawn) / DRAWS
    assert near == pytest.approx(0.95 * 0.683 + 0.05 * 0.1, abs=0.03)


def test_a_lognormal_prior_spreads_by_a_factor_about_its_median() -> None:
    drawn = sorted(float(v) for v in draws(FloatRange(1e-6, 1.0, "log"), LogNormal(1e-3, 3.0)))
    assert drawn[DRAWS // 2] == pytest.approx(1e-3, rel=0.15)
    near = sum(1e-3 / 3 <= v <= 3e-3 for v in drawn) / DRAWS
    assert near == pytest.approx(0.95 * 0.683 + 0.05 * 0.16, abs=0.03)


def test_the_same_prior_means_the_same_on_every_scale() -> None:
    linear = draws(FloatRange(1e-3, 1.0), Normal(0.3, 0.05))
    log = draws(FloatRange(1e-3, 1.0, "log"), Normal(0.3, 0.05))
    for one, other in zip(
        *(sorted(map(float, d))[1000:3000:100] for d in (linear, log)), strict=True
    ):
        assert one == pytest.approx(other, rel=0.02)


def test_each_number_of_a_grid_gets_its_mass() -> None:
    found = shares(draws(IntRange(1, 5), Normal(3.0, 1.0)))
    # The bell between the middles of neighbours, cut off at half a step beyond the ends.
    expected = {1: 0.0613, 2: 0.2447, 3: 0.3877, 4: 0.2447, 5: 0.0613}
    for value, share in expected.items():
        assert found[value] == pytest.approx((1 - DOUBT) * share + DOUBT / 5, abs=0.03)


def test_values_come_by_their_weights_and_those_of_no_weight_seldom() -> None:
    found = shares(draws(Choice(("adam", "sgd", "lion")), Weights((0.7, 0.3, 0.0))))
    assert found["adam"] == pytest.approx(0.95 * 0.7 + 0.05 / 3, abs=0.03)
    assert 0.005 < found["lion"] < 0.035


def test_what_is_far_from_a_narrow_prior_stays_possible() -> None:
    drawn = draws(FloatRange(0.0, 1.0), Normal(0.1, 1e-6))
    assert 0.01 < sum(float(v) > 0.5 for v in drawn) / DRAWS < 0.05


def test_a_prior_much_wider_than_its_range_is_none() -> None:
    assert draws(IntRange(1, 9), Normal(5.0, 1e12)) == draws(IntRange(1, 9), None)


def test_constraints_hold_under_a_prior_that_points_away_from_them() -> None:
    space = Space(
        (
            Coordinate("a", (), IntRange(1, 1000), prior=Normal(900.0, 5.0)),
            Coordinate("b", (), IntRange(1, 1000), prior=Normal(900.0, 5.0)),
        ),
        (
            Compare("<", Name("a"), Literal_(4)),
            Compare("<", Name("b"), Literal_(4)),
        ),
    )
    sampler, generator = Sampler.of(space), Random(0)
    points = [sampler.random(generator) for _ in range(10)] + sampler.many(20, generator)
    assert [validate(space, p) for p in points] == [()] * 30


def test_sobol_points_follow_the_prior_too() -> None:
    space = Space((Coordinate("x", (), FloatRange(0.0, 1.0), prior=Normal(0.3, 0.05)),))
    bound = Sobol().bind_space(Problem(space, (Goal("loss", "minimize"),), 1, 128))
    drawn = [float(p["x"]) for p in bound.generate_tasks(128)]
    near = sum(0.25 <= v <= 0.35 for v in drawn) / len(drawn)
    assert near == pytest.approx(0.95 * 0.683 + 0.05 * 0.1, abs=0.02)


@given(st.data(), domains())
def test_a_spread_is_a_way_there_and_back(data: st.DataObject, domain: Domain) -> None:
    found = spread(axis(domain), data.draw(priors(domain)))
    if found is None:
        return
    assert found.places[0] == found.shares[0] == 0.0
    assert found.places[-1] == found.shares[-1] == 1.0
    assert all(a < b for a, b in zip(found.places, found.places[1:], strict=False))
    assert all(a < b for a, b in zip(found.shares, found.shares[1:], strict=False))
    for share in (0.0, 0.1, 0.5, 0.9, 1.0):
        assert found.share(found.place(share)) == pytest.approx(share, abs=1e-6)
