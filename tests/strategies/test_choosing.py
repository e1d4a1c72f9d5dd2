"""What `auto` comes to."""

from __future__ import annotations

import pytest

from omniforce.spec.space import Choice, Coordinate, FloatRange, Graph, IntRange, Space
from omniforce.strategies.choosing import Chosen, Situation, choose
from omniforce.strategies.table import names

SQUARE = Space((Coordinate("x", (), FloatRange(0, 1)), Coordinate("y", (), IntRange(1, 9))))
FEW = Space((Coordinate("a", (), Choice(("x", "y"))), Coordinate("b", (), IntRange(1, 6))))
TABLE = Space(tuple(Coordinate("op", (at,), Choice((1, 2, 3, 4, 5))) for at in range(6)))
CELL = Space(TABLE.coordinates[:3], graphs=(Graph("op", (), ((0, 1), (0, 2), (1, 2)), (1,), (2,)),))
WIDE = Space(tuple(Coordinate("x", (at,), FloatRange(0, 1)) for at in range(40)))


@pytest.mark.parametrize(
    ("situation", "name"),
    [
        (Situation(SQUARE, 1, 9, 1), "sobol"),
        (Situation(SQUARE, 1, 10, 1), "bayesian"),
        (Situation(SQUARE, 1, None, 1), "bayesian"),
        (Situation(SQUARE, 2, 100, 8), "bayesian"),
        (Situation(SQUARE, 1, 5000, 8), "evolution"),
        (Situation(SQUARE, 2, 5000, 8), "nsga2"),
        (Situation(SQUARE, 1, 1000, 256), "evolution"),
        (Situation(SQUARE, 1, 50, 4, past=True), "of-trans"),
        (Situation(SQUARE, 1, 50, 4, options=(("fidelity", "y"),)), "bohb"),
        (Situation(FEW, 1, 12, 1), "grid"),
        (Situation(FEW, 1, 11, 1), "bayesian"),
        (Situation(TABLE, 1, 92, 1), "of"),
        (Situation(TABLE, 2, 92, 1), "of"),
        (Situation(CELL, 1, 50, 1), "of"),
        (Situation(WIDE, 1, 200, 1), "bayesian"),
    ],
)
def test_chooses_by_what_is_known_before_the_first_trial(situation: Situation, name: str) -> None:
    chosen = choose(situation)
    assert chosen.name == name
    assert chosen.name in names()
    assert all(chosen.reasons)


def test_says_why_in_figures() -> None:
    assert choose(Situation(TABLE, 1, 92, 1)) == Chosen(
        "of",
        (
            "a budget of 92 trials leaves enough to learn from",
            "the space is finite and large: 15,625 combinations",
        ),
    )
    assert choose(Situation(FEW, 1, 20, 1)) == Chosen(
        "grid", ("all 12 points of the space fit into 20 trials",)
    )
