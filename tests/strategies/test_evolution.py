from __future__ import annotations

from omniforce.spec.space import Choice, Coordinate, IntRange, Space
from omniforce.strategies.evolution import Evolution
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward
from omniforce.strategies.ranking import standings

SPACE = Space((Coordinate("x", (), IntRange(0, 99)), Coordinate("y", (), IntRange(0, 99))))
GOALS = (Goal("score", "maximize"),)


def _told(trial: int, x: int, outcome: Outcome = Outcome.COMPLETED) -> Reward:
    metrics = {} if outcome in (Outcome.PENDING, Outcome.FAILED) else {"score": float(x)}
    return Reward(trial, {"x": x, "y": 0}, outcome, metrics)


def _next(rewards: tuple[Reward, ...], count: int = 4) -> list[int]:
    bound = Evolution(population=3, sample=3, reach=0.01).bind_space(Problem(SPACE, GOALS, 7, 40))
    points = bound.handle_rewards(rewards).generate_tasks(count)
    return [int(point["x"]) for point in points]


def _near(values: list[int], x: int) -> bool:
    return all(abs(value - x) <= 9 for value in values)


def test_children_are_neighbours_of_the_best_of_the_youngest() -> None:
    old_and_best = _told(0, 99)
    assert _near(_next((old_and_best, _told(1, 10), _told(2, 50), _told(3, 20))), 50)


def test_failed_and_pending_trials_take_nobodys_place() -> None:
    rewards = (
        _told(0, 80),
        _told(1, 10),
        _told(2, 20),
        _told(3, 99, Outcome.FAILED),
        _told(4, 98, Outcome.PENDING),
    )
    assert _near(_next(rewards), 80)


def test_a_late_result_breeds() -> None:
    rewards = (_told(0, 10), _told(1, 20), _told(2, 90, Outcome.TIMED_OUT))
    assert _near(_next(rewards), 90)


def test_a_small_population_is_filled_with_random_points() -> None:
    assert not _near(_next((_told(0, 50), _told(1, 50))), 50)


def test_a_family_changes_with_what_it_brings() -> None:
    from omniforce.strategies.conformance.spaces import CONDITIONAL, figures

    strategy = Evolution(population=4).bind_space(
        Problem(CONDITIONAL, (Goal("accuracy", "maximize"),), 3, 40)
    )
    rewards: tuple[Reward, ...] = ()
    for trial in range(40):
        (point,) = strategy.handle_rewards(rewards).generate_tasks(1)
        rewards += (Reward(trial, point, Outcome.COMPLETED, figures(point)),)
    assert {str(each.point["family"]) for each in rewards[4:]} == {"net", "trees"}
    best = [max(r.metrics["accuracy"] for r in part) for part in (rewards[:20], rewards)]
    assert best[1] >= best[0]


def test_goes_on_from_a_parent_whose_neighbours_are_all_known() -> None:
    space = Space(
        (Coordinate("x", (), Choice(("a", "b", "c"))),) * 1
        + (Coordinate("y", (), IntRange(0, 20)),)
    )
    strategy = Evolution(population=2, sample=2, reach=0.01).bind_space(
        Problem(space, GOALS, 1, 63)
    )
    rewards: tuple[Reward, ...] = ()
    for trial in range(63):
        (point,) = strategy.handle_rewards(rewards).generate_tasks(1)
        rewards += (Reward(trial, point, Outcome.COMPLETED, {"score": -float(point["y"])}),)
    assert len({(r.point["x"], r.point["y"]) for r in rewards}) == 63


def test_a_child_of_two_parents_has_values_of_both() -> None:
    space = Space(tuple(Coordinate(name, (), Choice(tuple("abcde"))) for name in "uvwxyz"))
    rewards = tuple(
        Reward(at, dict.fromkeys("uvwxyz", letter), Outcome.COMPLETED, {"score": float(at)})
        for at, letter in enumerate("abcd")
    )
    for share, mixed in ((0.0, False), (1.0, True)):
        strategy = Evolution(population=4, sample=2, crossover=share)
        bound = strategy.bind_space(Problem(space, GOALS, 7, 40)).handle_rewards(rewards)
        children = [list(point.values()) for point in bound.generate_tasks(12)]
        # Without a second parent a child has one value of its own, and never two letters twice.
        both = [sum(c.count(letter) >= 2 for letter in "abcde") >= 2 for c in children]
        assert any(both) == mixed


def test_a_child_differs_in_one_coordinate_where_the_constraints_allow_that() -> None:
    bound = Evolution(population=3, sample=3).bind_space(Problem(SPACE, GOALS, 7, 40))
    rewards = (_told(0, 80), _told(1, 10), _told(2, 20))
    points = bound.handle_rewards(rewards).generate_tasks(6)
    assert all((point["x"] == 80) != (point["y"] == 0) for point in points)


def test_requirements_come_before_objectives_and_fronts_before_crowding() -> None:
    goals = (
        Goal("accuracy", "maximize"),
        Goal("latency", "minimize"),
        Goal("size", "minimize", 100.0),
    )
    figures = [
        (0.9, 9.0, 50.0),
        (0.8, 1.0, 50.0),
        (0.7, 2.0, 50.0),  # behind the second
        (0.99, 0.1, 110.0),  # too large
        (0.99, 0.1, 150.0),
        (0.85, 5.0, 100.0),
    ]
    rewards = [
        Reward(at, {}, Outcome.COMPLETED, {"accuracy": a, "latency": t, "size": s})
        for at, (a, t, s) in enumerate(figures)
    ]
    inf = float("inf")
    assert standings(goals, rewards) == [
        (0.0, 0, -inf),
        (0.0, 0, -inf),
        (0.0, 1, -inf),
        (0.1, 0, 0.0),
        (0.5, 0, 0.0),
        (0.0, 0, -2.0),
    ]
