"""Studies that go wrong in every way that one can: no strategy may fail, or ask for nonsense."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from omniforce.spec.space import Assignment

from ..protocol import Goal, Outcome, Reward, SpaceExhausted
from .spaces import CONDITIONAL, ONE_VALUE, SMALL, figures
from .study import GOALS, StudyOfAStrategy, completed, drawn, raises

TRIALS = 14
"""Enough for a strategy that models to begin with it."""


class DegenerateStudies(StudyOfAStrategy):
    """The tests of odd trials, odd figures and odd spaces."""

    def test_goes_on_where_all_figures_are_equal(self) -> None:
        """Nothing is better than anything."""
        self.goes_on(_told(lambda _: {"accuracy": 0.5, "latency": 1.0, "size": 1.0}))

    def test_goes_on_where_one_objective_is_constant(self) -> None:
        """The other one still counts."""
        self.goes_on(_told(lambda point: figures(point) | {"latency": 0.0}))

    def test_goes_on_with_objectives_on_huge_and_tiny_scales(self) -> None:
        """One in units of 1e9, the other of 1e-9, and the other way round."""
        for one, other in ((1e9, 1e-9), (1e-9, 1e9)):
            self.goes_on(_told(partial(_scaled, accuracy=one, latency=other)))

    def test_goes_on_with_small_differences_between_huge_figures(self) -> None:
        """What tells two trials apart is in the last digits."""
        self.goes_on(_told(lambda point: figures(point) | {"accuracy": 1e9 + _accuracy(point)}))

    def test_goes_on_with_figures_at_the_ends_of_what_a_float_can_be(self) -> None:
        """Finite, and their difference is not."""
        ends = (1.7e308, -1.7e308, 5e-324, 0.0, -0.0)
        self.goes_on(
            tuple(
                replace(each, metrics=dict(each.metrics) | {"accuracy": ends[at % 5]})
                for at, each in enumerate(_told(figures))
            )
        )

    def test_goes_on_where_no_figure_is_a_number(self) -> None:
        """As where all trials failed."""
        bad = (math.nan, math.inf, -math.inf)
        self.goes_on(
            tuple(
                replace(each, metrics=dict.fromkeys(("accuracy", "latency", "size"), bad[at % 3]))
                for at, each in enumerate(_told(figures))
            )
        )

    def test_goes_on_where_one_trial_is_told_among_failed_ones(self) -> None:
        """There is a best, and nothing to compare it with."""
        rewards = _told(figures)
        self.goes_on(
            tuple(
                each if at == 5 else _lost(each, Outcome.FAILED) for at, each in enumerate(rewards)
            )
        )

    def test_goes_on_with_one_point_tried_many_times(self) -> None:
        """A given point again and again, with other figures each time, beside others."""
        rewards = _told(figures)
        again = tuple(
            replace(rewards[0], trial=TRIALS + at, metrics=_scaled(rewards[0].point, 1.0 + at, 1.0))
            for at in range(TRIALS)
        )
        self.goes_on(rewards + again)
        self.goes_on(again)

    def test_goes_on_with_results_that_came_late(self) -> None:
        """Timed out, and told all the same."""
        rewards = _told(figures)
        self.goes_on(
            tuple(
                replace(each, outcome=Outcome.TIMED_OUT) if at % 2 else each
                for at, each in enumerate(rewards)
            )
        )

    def test_goes_on_with_gaps_in_the_numbers_of_trials(self) -> None:
        """Some trials do not answer what is asked now; those that do keep their numbers."""
        rewards = tuple(replace(each, trial=3 * each.trial + 2) for each in _told(figures))
        self.goes_on(rewards)

    def test_goes_on_with_points_that_are_none_of_the_space(self) -> None:
        """Of an older space, or imported: other values, other coordinates, missing ones."""
        odd: tuple[Assignment, ...] = (
            {},
            {"family": "forest", "rate": 1e-3, "share": 0.5},
            {"family": "trees", "rate": 1e-3, "leaves": 8, "share": 0.5, "colour": "red"},
            {"family": "trees", "rate": 10.0, "leaves": 8, "share": 0.5},
            {"family": "trees", "rate": "fast", "leaves": 8, "share": 0.5},
            {"family": "net", "rate": 1e-3, "share": 0.5},
            {
                "family": "net",
                "rate": 1e-3,
                "depth": 3,
                "units[0]": 32,
                "units[1]": 8,
                "share": 0.5,
            },
        )
        told = {"accuracy": 0.9, "latency": 1.0, "size": 1.0}
        strange = tuple(Reward(at, point, Outcome.COMPLETED, told) for at, point in enumerate(odd))
        self.goes_on(strange)
        known = tuple(replace(each, trial=len(odd) + each.trial) for each in _told(figures))
        self.goes_on(strange + known)

    def test_goes_on_after_ten_thousand_trials(self) -> None:
        """In seconds, whatever it learns from them."""
        self.goes_on(_told(figures, 10_000))

    def test_goes_on_where_nothing_meets_the_requirements(self) -> None:
        """Each of them is out of reach by far, and one cannot be met."""
        goals = (*GOALS, Goal("latency", "minimize", -1.0), Goal("accuracy", "maximize", 1e6))
        self.goes_on(_told(figures), goals=goals)

    def test_goes_on_with_one_objective(self) -> None:
        """Whichever way is better."""
        for direction in ("maximize", "minimize"):
            self.goes_on(_told(figures), goals=(Goal("accuracy", direction),))

    def test_goes_on_with_many_objectives_and_requirements(self) -> None:
        """Five to push, two to keep; most trials are on the front."""
        goals = (
            *(Goal(f"m{at}", ("maximize", "minimize")[at % 2]) for at in range(5)),
            Goal("m0", "minimize", 0.9),
            Goal("size", "minimize", 500.0),
        )
        self.goes_on(_told(_many), goals=goals)

    def test_goes_on_in_a_space_with_coordinates_of_one_value(self) -> None:
        """They are there, and nothing can be done about them."""
        rewards: tuple[Reward, ...] = ()
        for _ in range(2):
            points = self.goes_on(rewards, ONE_VALUE)
            rewards += tuple(
                Reward(
                    len(rewards) + at,
                    point,
                    Outcome.COMPLETED,
                    {"accuracy": float(point["x"]), "latency": 1.0, "size": 1.0},
                )
                for at, point in enumerate(points)
            )

    def test_says_that_a_space_is_exhausted_while_trials_are_out(self) -> None:
        """What is pending is not asked for again, though nobody knows yet what becomes of it."""
        out = tuple(
            Reward(at, point, Outcome.PENDING, {}) for at, point in enumerate(drawn(6, SMALL))
        )
        assert len(out) == 6
        assert raises(SpaceExhausted, lambda: self.next_points(out, 1, SMALL))


def _told(
    measure: Callable[[Assignment], Mapping[str, float]], trials: int = TRIALS
) -> tuple[Reward, ...]:
    rewards = completed(drawn(trials, CONDITIONAL), 0)
    return tuple(replace(each, metrics=measure(each.point)) for each in rewards)


def _lost(reward: Reward, outcome: Outcome) -> Reward:
    return replace(reward, outcome=outcome, metrics={})


def _accuracy(point: Assignment) -> float:
    return figures(point)["accuracy"]


def _scaled(point: Assignment, accuracy: float, latency: float) -> dict[str, float]:
    found = figures(point)
    return found | {
        "accuracy": accuracy * found["accuracy"],
        "latency": latency * found["latency"],
    }


def _many(point: Assignment) -> dict[str, float]:
    accuracy, share = _accuracy(point), float(point["share"])
    return {f"m{at}": math.sin(at + 1.0 + 5.0 * accuracy + at * share) for at in range(5)} | {
        "size": figures(point)["size"]
    }
