from __future__ import annotations

from typing import Any

import pytest

from omniforce.spec.expression.tree import Binary, Compare, Literal_, Name
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space, validate
from omniforce.strategies.hyperband.rungs import begins, levels
from omniforce.strategies.hyperband.strategy import Hyperband
from omniforce.strategies.options import WrongOption, check_numbers, options_of
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward, SpaceExhausted

GOALS = (Goal("score", "maximize"),)
SPACE = Space((Coordinate("x", (), FloatRange(0, 1)), Coordinate("epochs", (), IntRange(1, 27))))


def _next(
    rewards: tuple[Reward, ...], count: int, space: Space = SPACE, **options: Any
) -> tuple[dict[str, Any], ...]:
    strategy = Hyperband(fidelity="epochs", **options).bind_space(Problem(space, GOALS, 1, 50))
    return tuple(map(dict, strategy.handle_rewards(rewards).generate_tasks(count)))


def _rung(xs: dict[int, float], epochs: int, outcome: Outcome) -> tuple[Reward, ...]:
    return tuple(
        Reward(
            trial, {"x": x, "epochs": epochs}, outcome, {"score": x} if "o" in outcome.value else {}
        )
        for trial, x in xs.items()
    )


def test_rungs_go_down_from_the_most() -> None:
    assert levels(SPACE, "epochs", 3) == (1, 3, 9, 27)
    assert levels(SPACE, "epochs", 4) == (2, 7, 27)
    share = Space((Coordinate("share", (), FloatRange(0.0, 1.0)),))
    assert levels(share, "share", 2) == (0.125, 0.25, 0.5, 1.0)
    assert levels(share, "epochs", 2) == ()


def test_brackets_begin_one_after_the_other_the_lowest_first() -> None:
    assert begins(4, 3, 1000) == (27, 12, 6, 4)
    points = _next((), 60)
    assert [point["epochs"] for point in points] == [1] * 27 + [3] * 12 + [9] * 6 + [27] * 4 + [
        1
    ] * 11


def test_a_small_budget_begins_with_fewer_so_that_one_gets_to_the_top() -> None:
    assert begins(4, 3, 20) == (14, 6, 3, 2)  # 14 + 4 + 1 + 1 trials
    assert begins(4, 3, 1) == (1, 1, 1, 1)


def test_a_full_rung_sends_its_best_third_on() -> None:
    xs = {at: at / 27 for at in range(27)}
    rung = _rung(xs, 1, Outcome.COMPLETED)
    assert {point["epochs"] for point in _next(rung[:26], 3)} == {1, 3}  # the 27th, then others
    assert [point["x"] for point in _next(rung, 9)] == [at / 27 for at in range(26, 17, -1)]
    out = (*rung[:26], Reward(26, {"x": 1.0, "epochs": 1}, Outcome.PENDING, {}))
    assert [point["epochs"] for point in _next(out, 3)] == [3, 3, 3]
    assert not {point["x"] for point in _next(out, 3)} & set(xs.values())


def test_a_full_rung_with_failures_sends_fewer_on() -> None:
    xs = {at: at / 27 for at in range(9)}
    dead = _rung({at: at / 27 for at in range(9, 27)}, 1, Outcome.FAILED)
    points = _next((*_rung(xs, 1, Outcome.COMPLETED), *dead), 4)
    assert [point["x"] for point in points[:3]] == [8 / 27, 7 / 27, 6 / 27]
    assert points[3]["x"] not in xs.values()


def test_one_bracket_begins_on_the_lowest_rung() -> None:
    assert {point["epochs"] for point in _next((), 9, brackets=1)} == {1}


def test_the_best_third_of_a_rung_goes_up_once() -> None:
    rung = _rung({0: 0.1, 1: 0.7, 2: 0.2, 3: 0.9, 4: 0.4, 5: 0.3}, 1, Outcome.COMPLETED)
    points = _next(rung, 3, brackets=1, promotion="early")
    assert points[:2] == ({"x": 0.9, "epochs": 3}, {"x": 0.7, "epochs": 3})
    assert points[2]["epochs"] == 1
    sent = (*rung, Reward(6, {"x": 0.9, "epochs": 3}, Outcome.PENDING, {}))
    assert _next(sent, 1, brackets=1, promotion="early") == ({"x": 0.7, "epochs": 3},)


def test_what_was_killed_says_nothing_of_anybodys_rank() -> None:
    rung = _rung({0: 0.1, 1: 0.7, 2: 0.2}, 1, Outcome.COMPLETED)
    dead = _rung({3: 0.3, 4: 0.4, 5: 0.5, 6: 0.6, 7: 0.8, 8: 0.9}, 1, Outcome.FAILED)
    first, second = _next(rung + dead, 2, brackets=1, promotion="early")
    assert first == {"x": 0.7, "epochs": 3}
    assert second["epochs"] == 1


def test_whoever_reaches_a_rung_is_compared_with_all_on_it() -> None:
    low = _rung({0: 0.9, 1: 0.8, 2: 0.7}, 1, Outcome.COMPLETED)
    up = (Reward(3, {"x": 0.9, "epochs": 3}, Outcome.COMPLETED, {"score": 0.9}),)
    own = tuple(
        Reward(4 + at, {"x": x, "epochs": 3}, Outcome.COMPLETED, {"score": x})
        for at, x in enumerate((0.1, 0.2, 0.3))
    )
    assert _next(low + up + own, 1, promotion="early") == ({"x": 0.9, "epochs": 9},)


def test_no_more_go_up_early_than_a_full_rung_would_send() -> None:
    rung = _rung({0: 0.1, 1: 0.2, 2: 0.3, 3: 0.9, 4: 0.8}, 1, Outcome.COMPLETED)
    sent = Reward(5, {"x": 0.3, "epochs": 3}, Outcome.PENDING, {})
    assert _next((*rung, sent), 1, promotion="early")[0]["epochs"] == 1


def test_waits_for_what_is_pending_where_all_have_begun() -> None:
    space = Space((Coordinate("a", (), Choice(("x",))), Coordinate("epochs", (), IntRange(1, 4))))
    low = Reward(0, {"a": "x", "epochs": 1}, Outcome.PENDING, {})
    assert _next((low,), 2, space, eta=2) == ()
    told = Reward(0, {"a": "x", "epochs": 1}, Outcome.COMPLETED, {"score": 1.0})
    assert _next((told,), 2, space, eta=2) == ({"a": "x", "epochs": 2},)
    top = Reward(1, {"a": "x", "epochs": 4}, Outcome.PENDING, {})
    with pytest.raises(SpaceExhausted):
        _next((told, top), 2, space, eta=2)


def test_goes_up_where_the_constraints_let_it() -> None:
    product = Binary("*", Name("epochs"), Name("x"))
    space = Space(SPACE.coordinates, (Compare("<=", product, Literal_(2)),))
    rung = _rung({0: 0.1, 1: 0.9, 2: 0.2, 3: 0.3, 4: 0.4, 5: 0.5}, 1, Outcome.COMPLETED)
    first, second = _next(rung, 2, space, brackets=1, promotion="early")
    assert first == {"x": 0.5, "epochs": 3}
    assert second["epochs"] == 1
    assert all(validate(space, point) == () for point in _next((), 30, space))


def test_a_small_space_goes_up_as_far_as_it_can_and_ends() -> None:
    space = Space(
        (Coordinate("a", (), Choice(("x", "y"))), Coordinate("epochs", (), IntRange(1, 4)))
    )
    rewards: tuple[Reward, ...] = ()
    for trial in range(6):
        (point,) = _next(rewards, 1, space, eta=2, brackets=1)
        rewards += (Reward(trial, point, Outcome.COMPLETED, {"score": float(trial)}),)
    seen = {(str(each.point["a"]), each.point["epochs"]) for each in rewards}
    assert seen == {(a, epochs) for a in "xy" for epochs in (1, 2, 4)}
    with pytest.raises(SpaceExhausted):
        _next(rewards, 1, space, eta=2, brackets=1)


@pytest.mark.parametrize(
    ("given", "message", "help_"),
    [
        (
            (),
            (
                "strategy `hyperband` has no option `fidelity`:"
                " the number of the space that says how much a trial gets"
            ),
            "set `fidelity`; name one of `x`, `epochs`",
        ),
        (
            (("fidelity", "kind"),),
            (
                "option `fidelity` of strategy `hyperband` is `kind`,"
                " no number of the search space that every trial has"
            ),
            "name one of `x`, `epochs`",
        ),
    ],
)
def test_the_fidelity_is_a_number_of_the_space(
    given: tuple[tuple[str, str], ...], message: str, help_: str
) -> None:
    space = Space((*SPACE.coordinates, Coordinate("kind", (), Choice(("a", "b")))))
    with pytest.raises(WrongOption) as caught:
        check_numbers("hyperband", options_of(Hyperband), given, space)
    assert (str(caught.value), caught.value.help) == (message, help_)
