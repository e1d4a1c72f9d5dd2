"""The Pareto front and the choice of a model."""

from __future__ import annotations

from omniforce.runtime.choice import choose, front, is_feasible, metric_keys
from omniforce.runtime.store.trial import Trial
from omniforce.spec.expression.tree import (
    BestModel,
    Goal,
    KneeModel,
    Literal_,
    Metric,
    Objective,
    ParetoModel,
    Quantity,
    Requirement,
    WeightedModel,
)

ACCURACY, LATENCY = Metric("accuracy"), Metric("latency", "p95", "server")
SIZE = Metric("size", None, "server")
GOALS: tuple[Goal, ...] = (
    Objective("maximize", ACCURACY),
    Requirement(SIZE, "<=", Quantity(2.0, "KiB")),
    Objective("minimize", LATENCY),
)


def trial(number: int, accuracy: float, latency: float, size: float = 1000.0) -> Trial:
    metrics = {"accuracy": accuracy, "latency.p95@server": latency, "size@server": size}
    return Trial(
        number=number,
        attempt=1,
        state="completed",
        point={},
        round=0,
        proposed=0.0,
        requested=0.0,
        metrics=metrics,
    )


def failed(number: int) -> Trial:
    return Trial(
        number=number,
        attempt=1,
        state="failed",
        point={},
        round=0,
        proposed=0.0,
        requested=0.0,
        metrics={},
    )


TRIALS = (
    trial(0, 0.90, 0.004),
    trial(1, 0.95, 0.009),
    trial(2, 0.99, 0.009, size=2049.0),
    trial(3, 0.90, 0.005),
    failed(4),
    trial(5, 0.80, 0.001),
    trial(6, 0.95, 0.009),
)


def test_the_front_is_what_no_feasible_trial_beats_the_best_first() -> None:
    assert [each.number for each in front(GOALS, TRIALS)] == [1, 6, 0, 5]


def test_the_best_is_the_first_of_the_front_and_the_earliest_of_equals() -> None:
    assert choose(BestModel(), GOALS, TRIALS) == TRIALS[1]


def test_a_pareto_choice_is_the_best_that_keeps_what_it_asks() -> None:
    fast = ParetoModel((Requirement(LATENCY, "<=", Quantity(5.0, "ms")),))
    assert choose(fast, GOALS, TRIALS) == TRIALS[0]


def test_a_pareto_choice_may_fall_on_a_trial_that_only_a_forbidden_one_beats() -> None:
    beaten = trial(7, 0.93, 0.01, size=100.0)
    small = ParetoModel((Requirement(SIZE, "<", Literal_(500)),))
    assert choose(small, GOALS, (*TRIALS, beaten)) == beaten


BENT = (trial(0, 0.99, 0.010), trial(1, 0.97, 0.003), trial(2, 0.60, 0.001))


def test_the_knee_is_where_both_objectives_are_near_their_best() -> None:
    assert choose(KneeModel(), GOALS, BENT) == BENT[1]


def test_weights_draw_the_choice_to_an_end_of_the_front() -> None:
    accurate = (Objective("maximize", ACCURACY, weight=20.0), GOALS[1], GOALS[2])
    fast = (GOALS[0], GOALS[1], Objective("minimize", LATENCY, weight=20.0))
    assert choose(WeightedModel(), GOALS, BENT) == BENT[1]
    assert choose(WeightedModel(), accurate, BENT) == BENT[0]
    assert choose(WeightedModel(), fast, BENT) == BENT[2]


def test_an_objective_in_which_the_front_does_not_differ_weighs_nothing() -> None:
    level = (trial(0, 0.9, 0.005), trial(1, 0.9, 0.005))
    assert choose(KneeModel(), GOALS, level) == level[0]


def test_where_nothing_is_good_enough_nothing_is_chosen() -> None:
    exact = ParetoModel((Requirement(ACCURACY, ">", Literal_(0.999)),))
    assert choose(exact, GOALS, TRIALS) is None
    assert choose(BestModel(), GOALS, (failed(0),)) is None
    assert choose(KneeModel(), GOALS, (failed(0),)) is None
    assert front(GOALS, ()) == ()


def test_a_trial_without_a_figure_for_an_objective_is_not_feasible() -> None:
    assert is_feasible(GOALS, TRIALS[0].metrics)
    assert not is_feasible(GOALS, {"accuracy": 1.0, "size@server": 1.0})


def test_the_keys_of_the_goals_are_objectives_first() -> None:
    assert metric_keys(GOALS) == ("accuracy", "latency.p95@server", "size@server")
