from __future__ import annotations

from random import Random

import pytest

from omniforce.spec.expression.tree import Compare, Literal_, Name
from omniforce.spec.space import (
    Assignment,
    Choice,
    Coordinate,
    FloatRange,
    IntRange,
    Space,
    validate,
)
from omniforce.strategies.breeding import crossed, mutated
from omniforce.strategies.conformance.spaces import CONDITIONAL
from omniforce.strategies.nsga2 import Nsga2, survivors
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

GOALS = (Goal("a", "minimize"), Goal("b", "minimize"))
PLANE = Space(tuple(Coordinate(name, (), FloatRange(0.0, 1.0)) for name in "xyz"))


def _told(trial: int, a: float, b: float, point: Assignment | None = None) -> Reward:
    return Reward(trial, point or {}, Outcome.COMPLETED, {"a": a, "b": b})


def test_the_first_front_survives_and_of_the_last_one_those_who_stand_alone() -> None:
    rewards = [
        _told(0, 0.0, 4.0),
        _told(1, 1.9, 2.1),
        _told(2, 2.0, 2.0),  # between two that are close
        _told(3, 2.1, 1.9),
        _told(4, 4.0, 0.0),
        _told(5, 5.0, 5.0),
    ]
    assert {each.trial for each in survivors(GOALS, rewards, 6)} == {0, 1, 2, 3, 4, 5}
    whole = survivors(GOALS, [*rewards, _told(6, 9.0, 9.0), _told(7, 0.0, 9.0)], 4)
    assert {each.trial for each in whole} == {0, 1, 3, 4}


def test_generations_follow_from_the_trials_and_who_fell_out_stays_out() -> None:
    # The middle one falls out of the first four; though the two beside it are beaten later, it is
    # not there any more, as in a population that is kept.
    first = [_told(0, 0.0, 4.0), _told(1, 4.0, 0.0), _told(2, 3.0, 3.0), _told(3, 1.0, 1.0)]
    assert [each.trial for each in survivors(GOALS, first, 2)] == [0, 1]
    late = [*first, _told(4, 0.5, 0.5), Reward(5, {}, Outcome.FAILED, {})]
    assert 4 in {each.trial for each in survivors(GOALS, late, 3)}


def test_what_breaks_a_requirement_comes_after_what_keeps_it() -> None:
    goals = (*GOALS, Goal("size", "minimize", 10.0))
    rewards = [
        Reward(at, {}, Outcome.COMPLETED, {"a": a, "b": a, "size": size})
        for at, (a, size) in enumerate(((0.0, 30.0), (0.0, 20.0), (9.0, 10.0), (8.0, 5.0)))
    ]
    assert [each.trial for each in survivors(goals, rewards, 4)] == [3, 2, 1, 0]


def test_a_child_has_each_place_from_a_parent_or_close_to_one() -> None:
    axes = Sampler.of(PLANE).encoding.axes
    generator = Random(0)
    children = [crossed(axes, (0.2, 0.2, 0.2), (0.6, 0.6, 0.6), generator) for _ in range(400)]
    places = [float(place or 0.0) for child in children for place in child]
    assert sum(place in (0.2, 0.6) for place in places) == pytest.approx(600, abs=60)
    assert sum(min(abs(p - 0.2), abs(p - 0.6)) < 0.1 for p in places) > 1150
    assert sum(places) / len(places) == pytest.approx(0.4, abs=0.02)


def test_a_child_of_two_families_is_a_point_of_one_of_them() -> None:
    sampler, generator = Sampler.of(CONDITIONAL), Random(0)
    net: Assignment = {"family": "net", "rate": 1e-3, "depth": 1, "units[0]": 16, "share": 0.5}
    trees: Assignment = {"family": "trees", "rate": 1e-2, "leaves": 64, "share": 0.25}
    families = set[str]()
    for _ in range(40):
        key = crossed(sampler.encoding.axes, sampler.key(net), sampler.key(trees), generator)
        point = sampler.near(sampler.filled(key, generator), generator)
        assert validate(CONDITIONAL, point) == ()
        families.add(str(point["family"]))
        if point["family"] == "trees":
            assert point["leaves"] == 64
        else:
            assert (point["depth"], point["units[0]"]) == (1, 16)
    assert families == {"net", "trees"}


def test_a_change_leaves_alone_what_takes_no_part_and_what_cannot_change() -> None:
    space = Space(
        (
            Coordinate("kind", (), Choice(("a", "b"))),
            Coordinate("fixed", (), Choice(("only",))),
            Coordinate("size", (), IntRange(1, 9), (Compare("==", Name("kind"), Literal_("b")),)),
        )
    )
    axes = Sampler.of(space).encoding.axes
    for seed in range(20):
        assert mutated(axes, (0.25, 0.5, 0.5), (0, 1), Random(seed)) == [0.75, 0.5, 0.5]
    assert mutated(axes, (0.25, 0.5, 0.5), (1,), Random(0)) == [0.25, 0.5, 0.5]


def test_the_front_comes_closer_and_stays_wide() -> None:
    def measure(point: Assignment) -> dict[str, float]:
        x, rest = float(point["x"]), float(point["y"]) + float(point["z"])
        return {"a": x + rest, "b": (1.0 - x) ** 2 + rest}

    def run(seed: int) -> tuple[Reward, ...]:
        rewards: tuple[Reward, ...] = ()
        strategy = Nsga2(population=10).bind_space(Problem(PLANE, GOALS, seed, 120))
        while len(rewards) < 120:
            points = strategy.handle_rewards(rewards).generate_tasks(4)
            rewards += tuple(
                Reward(len(rewards) + at, p, Outcome.COMPLETED, measure(p))
                for at, p in enumerate(points)
            )
        return rewards

    for seed in range(3):
        rewards = run(seed)
        off = [
            sum(float(r.point[name]) for r in part for name in "yz") / len(part)
            for part in (rewards[:20], rewards[-20:])
        ]
        assert off[1] < off[0] / 3
        late = [float(r.point["x"]) for r in rewards[-40:]]
        assert max(late) - min(late) > 0.35
