"""`wrap`: what it puts around an estimator's two functions."""

from __future__ import annotations

import random

import numpy as np
import pytest

from omniforce.stdlib_algorithms import estimator


class Guess(estimator.Estimator):
    """Scores by chance."""

    @estimator.wrap
    def __init__(
        self, data_path: str, is_trainer: bool, seed: int, *, low: float = 0.5, high: float = 1.0
    ) -> None:
        super().__init__(data_path, is_trainer, seed)
        self.range = (low, high)

    def train(self) -> None:
        self.found = random.uniform(*self.range) + np.random.uniform()

    @estimator.wrap
    def calculate_score(self) -> float:
        return np.float64(self.found)

    def metrics(self) -> dict[str, float]:
        return {"found": self.found}


def test_the_seed_decides_what_chance_gives() -> None:
    scores = [Guess("", False, seed).run() for seed in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]


def test_a_seed_by_name_or_place_is_the_same() -> None:
    assert Guess("", False, 4).run() == Guess(data_path="", is_trainer=False, seed=4).run()


def test_what_is_inactive_takes_the_default() -> None:
    made = Guess("", False, 0, low=None, high=2.0)  # type: ignore[arg-type]
    assert made.range == (0.5, 2.0)


def test_a_score_is_a_plain_number() -> None:
    assert type(Guess("", False, 0).run()) is float


def test_a_score_that_is_none_fails_where_it_is_made() -> None:
    class Nothing(Guess):
        @estimator.wrap
        def calculate_score(self) -> float:
            return None  # type: ignore[return-value]

    with pytest.raises(TypeError):
        Nothing("", False, 0).run()


def test_wrap_is_for_two_functions() -> None:
    def train() -> None: ...

    with pytest.raises(estimator.NotWrappable, match="not `train`"):
        estimator.wrap(train)
