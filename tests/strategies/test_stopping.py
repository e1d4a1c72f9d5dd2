from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from omniforce.spec.blocks.search import Stopping
from omniforce.strategies.stopping.halving import Halving
from omniforce.strategies.stopping.median import Median
from omniforce.strategies.stopping.protocol import Curve
from omniforce.strategies.stopping.table import rule_of


def _curve(*values: float, over: bool = True) -> Curve:
    return Curve(tuple(range(len(values))), values, over)


MEDIAN = Median(least=2, after=3)
OTHERS = (_curve(0.1, 0.3, 0.5), _curve(0.2, 0.4, 0.6), _curve(0.3, 0.5, 0.7, 0.9))


def test_a_trial_below_the_median_of_averages_ends() -> None:
    mine = _curve(0.1, 0.2, 0.3, over=False)
    assert (
        MEDIAN.verdict(mine, None, OTHERS, "maximize")
        == "the best by step 2 is 0.3, the median of the others 0.4"
    )
    assert MEDIAN.verdict(mine, None, OTHERS, "minimize") is None


def test_one_good_step_and_a_tie_save_a_trial() -> None:
    assert MEDIAN.verdict(_curve(0.5, 0.1, 0.1), None, OTHERS, "maximize") is None
    assert MEDIAN.verdict(_curve(0.1, 0.1, 0.4), None, OTHERS, "maximize") is None


def test_nobody_is_judged_early_or_against_few() -> None:
    bad = _curve(0.0, 0.0, over=False)
    assert MEDIAN.verdict(bad, None, OTHERS, "maximize") is None  # step 1
    assert MEDIAN.verdict(_curve(), None, OTHERS, "maximize") is None
    worse = _curve(0.0, 0.0, 0.0)
    assert MEDIAN.verdict(worse, None, OTHERS[:2], "maximize") is None
    running = (*OTHERS[:2], _curve(0.3, 0.5, 0.7, over=False))
    assert MEDIAN.verdict(worse, None, running, "maximize") is None


def test_what_ended_early_keeps_its_place_in_the_median() -> None:
    ended = (_curve(0.1), _curve(0.1), *OTHERS[:1])
    assert MEDIAN.verdict(_curve(0.0, 0.0, 0.2), None, ended, "maximize") is None


HALVING = Halving(least=1, after=2, eta=3)


def test_the_best_third_of_a_rung_goes_on() -> None:
    others = (_curve(0.1, 0.5), _curve(0.1, 0.4, over=False))
    assert HALVING.verdict(_curve(0.0, 0.6), None, others, "maximize") is None
    assert (
        HALVING.verdict(_curve(0.0, 0.45), None, others, "maximize")
        == "1 of 2 others were better by step 1, of whom 1 go on"
    )
    assert HALVING.verdict(_curve(0.0, 0.45), None, others, "minimize") is None


def test_a_rung_judges_once_and_by_what_was_known_there() -> None:
    others = (_curve(0.1, 0.5, 0.9), _curve(0.1, 0.7))
    mine = _curve(0.0, 0.4, 0.95)
    assert HALVING.verdict(mine, 1, others, "maximize") is None
    assert HALVING.verdict(mine, 0, others, "maximize") is not None
    assert HALVING.verdict(mine, None, others[:1], "maximize") is None


def test_higher_rungs_are_eta_times_as_far() -> None:
    others = (_curve(*(0.1 * at for at in range(9))), _curve(*(0.1 * at for at in range(9))))
    mine = _curve(0.0, 0.2, 0.2)
    assert HALVING.verdict(mine, 1, others, "maximize") is None
    assert HALVING.verdict(_curve(0.0, 0.2, 0.2, 0.2), 2, others, "maximize") is not None


def test_a_spec_says_which_rule() -> None:
    assert rule_of(Stopping()) == Median(least=5, after=5)
    assert rule_of(Stopping("halving", least=2, eta=4)) == Halving(least=2, after=5, eta=4)


@given(some.lists(some.lists(some.floats(-1, 1), min_size=1, max_size=9), max_size=9))
def test_the_best_of_all_never_ends(curves: list[list[float]]) -> None:
    others = tuple(_curve(*values) for values in curves)
    mine = _curve(*([2.0] * 9), over=False)
    for rule in (Median(least=1, after=1), Halving(least=1, after=1, eta=2)):
        assert rule.verdict(mine, None, others, "maximize") is None
