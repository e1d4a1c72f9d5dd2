from __future__ import annotations

from omniforce.spec.expression.tree import Compare, Literal_, Name
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.conformance.spaces import CONDITIONAL, figures
from omniforce.strategies.local_search import LocalSearch
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

GOALS = (Goal("score", "maximize"),)
WORDS = Space(tuple(Coordinate(name, (), Choice(tuple("abcde"))) for name in "uvwxyz"))


def _told(trial: int, word: str, score: float) -> Reward:
    point = dict(zip("uvwxyz", word, strict=True))
    return Reward(trial, point, Outcome.COMPLETED, {"score": score})


def _next(
    rewards: tuple[Reward, ...],
    count: int,
    space: Space = WORDS,
    goals: tuple[Goal, ...] = GOALS,
    strategy: LocalSearch | None = None,
) -> list[Assignment]:
    bound = (strategy or LocalSearch(initial=1)).bind_space(Problem(space, goals, 3, 50))
    return list(bound.handle_rewards(rewards).generate_tasks(count))


def _differ(point: Assignment, word: str) -> int:
    return sum(a != b for a, b in zip(point.values(), word, strict=True))


def test_asks_for_every_neighbour_of_the_best_before_anything_else() -> None:
    rewards = (_told(0, "aaaaaa", 1.0), _told(1, "eeeeee", 2.0))
    points = _next(rewards, 24)
    assert {_differ(point, "eeeeee") for point in points} == {1}
    assert len({tuple(point.values()) for point in points}) == 24


def test_goes_on_from_the_next_best_at_a_local_optimum() -> None:
    rewards = (_told(0, "aaaaaa", 1.0), _told(1, "eeeeee", 2.0))
    points = _next(rewards, 30)
    assert {_differ(point, "aaaaaa") for point in points[24:]} == {1}


def test_moves_on_to_a_better_neighbour_at_once() -> None:
    rewards = (_told(0, "eeeeee", 2.0), _told(1, "eeeeea", 3.0))
    assert {_differ(point, "eeeeea") for point in _next(rewards, 20)} == {1}


def test_begins_anew_at_a_local_optimum_where_told_so() -> None:
    strategy = LocalSearch(initial=1, restart=True)
    first = _told(0, "eeeeee", 2.0)
    around = _next((first,), 24, strategy=strategy)
    rewards = (
        first,
        *(
            Reward(1 + at, point, Outcome.COMPLETED, {"score": 1.0})
            for at, point in enumerate(around)
        ),
    )
    (point,) = _next(rewards, 1, strategy=strategy)
    assert _differ(point, "eeeeee") > 1
    new = Reward(25, point, Outcome.COMPLETED, {"score": 0.5})
    word = "".join(map(str, point.values()))
    (point,) = _next((*rewards, new), 1, strategy=strategy)
    assert _differ(point, word) == 1


def test_values_that_did_well_elsewhere_mostly_come_first() -> None:
    rewards = (
        *(_told(at, letter * 5 + "a", 1.0 + at / 10) for at, letter in enumerate("abcd")),
        *(_told(4 + at, letter * 5 + "b", 2.0 + at / 10) for at, letter in enumerate("abcd")),
        _told(8, "eeeeea", 9.0),
    )
    ranks = [
        next(
            at
            for at, point in enumerate(
                LocalSearch(initial=1, order=order)
                .bind_space(Problem(WORDS, GOALS, seed, 50))
                .handle_rewards(rewards)
                .generate_tasks(24)
            )
            if point["z"] == "b"
        )
        for order in ("promising", "random")
        for seed in range(12)
    ]
    assert sum(ranks[:12]) < sum(ranks[12:])


def test_numbers_move_far_and_near_in_both_directions() -> None:
    space = Space((Coordinate("x", (), FloatRange(0.0, 1.0)), Coordinate("n", (), IntRange(1, 99))))
    rewards = (Reward(0, {"x": 0.5, "n": 50}, Outcome.COMPLETED, {"score": 1.0}),)
    points = _next(rewards, 18, space)
    moves = sorted(round(float(p["x"]) - 0.5, 6) for p in points if p["n"] == 50)
    assert len(moves) == 8
    assert moves[0] < -0.15 < moves[3] < 0.0 < moves[4] < 0.15 < moves[7]
    assert {49, 51} <= {p["n"] for p in points if p["x"] == 0.5}


def test_a_family_that_is_switched_to_comes_as_its_best_trial_had_it() -> None:
    deep = (Compare("==", Name("family"), Literal_("net")),)
    space = Space(
        (
            Coordinate("family", (), Choice(("net", "trees"))),
            Coordinate("d", (), IntRange(1, 9), deep),
        )
    )
    rewards = (
        Reward(0, {"family": "net", "d": 3}, Outcome.COMPLETED, {"score": 1.0}),
        Reward(1, {"family": "net", "d": 8}, Outcome.COMPLETED, {"score": 0.5}),
        Reward(2, {"family": "trees"}, Outcome.COMPLETED, {"score": 2.0}),
    )
    # What it would come as is known, so its neighbours are next.
    (point,) = _next(rewards, 1, space)
    assert point["family"] == "net"
    assert point["d"] != 3


def test_every_trial_of_the_front_has_its_neighbours_asked_for() -> None:
    goals = (Goal("a", "maximize"), Goal("b", "maximize"))
    rewards = tuple(
        Reward(at, dict(zip("uvwxyz", word, strict=True)), Outcome.COMPLETED, {"a": a, "b": b})
        for at, (word, a, b) in enumerate(
            (("aaaaaa", 0.0, 2.0), ("eeeeee", 2.0, 0.0), ("cccccc", -1.0, -1.0))
        )
    )
    points = _next(rewards, 40, goals=goals)
    assert {min(_differ(p, "aaaaaa"), _differ(p, "eeeeee")) for p in points} == {1}
    assert {_differ(p, "aaaaaa") == 1 for p in points} == {True, False}


def test_gets_better_on_a_conditional_space() -> None:
    rewards: tuple[Reward, ...] = ()
    problem = Problem(CONDITIONAL, (Goal("accuracy", "maximize"),), 3, 60)
    strategy = LocalSearch().bind_space(problem)
    while len(rewards) < 60:
        points = strategy.handle_rewards(rewards).generate_tasks(4)
        rewards += tuple(
            Reward(len(rewards) + at, point, Outcome.COMPLETED, figures(point))
            for at, point in enumerate(points)
        )
    best = [max(r.metrics["accuracy"] for r in part) for part in (rewards[:15], rewards)]
    assert best[1] > best[0]
    assert best[1] > 0.95
