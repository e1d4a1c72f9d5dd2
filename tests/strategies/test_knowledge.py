from __future__ import annotations

from collections.abc import Set

from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import Choice, Coordinate, IntRange, Space
from omniforce.strategies.knowledge import Knowledge
from omniforce.strategies.points.encoding import Key
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward

SPACE = Space(
    (Coordinate("a", (), Choice(("x", "y"))), Coordinate("b", (), IntRange(1, 9), default=3)),
    (Compare("<=", Name("b"), Literal_(8)),),
)
PROBLEM = Problem(SPACE, (Goal("loss", "minimize"),), 1, 10)


def _reward(trial: int, **point: Value) -> Reward:
    return Reward(trial, point, Outcome.COMPLETED, {"loss": 1.0})


def test_trials_of_another_space_are_set_aside_and_keep_their_numbers() -> None:
    kept = (_reward(0, a="x", b=1), _reward(3, a="y", b=8))
    others = (
        _reward(1, a="z", b=1),
        _reward(2, a="x"),
        _reward(4, a="x", b=9),
        _reward(5, a="x", b=1, c=1),
    )
    study = Knowledge.of(PROBLEM).knowing(sorted((*kept, *others), key=lambda each: each.trial))
    assert (study.rewards, study.next_trial) == (kept, 6)


def test_the_first_trial_is_the_default_whatever_draws_the_others() -> None:
    def draw(trial: int, known: Set[Key]) -> dict[str, Value]:
        return {"a": "y", "b": 5 + trial}

    assert Knowledge.of(PROBLEM).propose(2, draw) == ({"a": "x", "b": 3}, {"a": "y", "b": 6})
    assert Knowledge.of(PROBLEM).knowing((_reward(0, a="x", b=1),)).propose(1, draw) == (
        {"a": "y", "b": 6},
    )
