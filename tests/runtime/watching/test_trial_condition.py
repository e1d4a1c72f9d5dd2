"""Which trials are wanted: conditions and orders in the language's own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omniforce.compiler.ir.program import Search
from omniforce.runtime.rewards import search_of
from omniforce.runtime.store.trial import Trial
from omniforce.runtime.watching.trial_condition import TrialCondition, TrialOrder
from omniforce.runtime.watching.trial_facts import TrialFacts
from omniforce.spec.problem import Problem

from ..exchange.studies import program_of, spec

SPACE = """
depth: 1...9
family: "{mlp, cnn}"
width: int 4...32 when family == cnn
channels: 1...4 count 2
"""
TRIAL = Trial(
    number=0,
    attempt=1,
    state="completed",
    point={"depth": 3, "family": "mlp", "channels[0]": 1, "channels[1]": 2},
    round=0,
    proposed=0.0,
    requested=0.0,
    metrics={"accuracy": 0.95, "latency.p95@edge-lab": 0.004},
)
TRIALS = (
    TRIAL,
    replace(TRIAL, number=1, metrics={"accuracy": 0.5, "latency.p95@edge-lab": 0.009}),
    replace(TRIAL, number=2, state="timed-out", failure="timeout", metrics={}),
    replace(TRIAL, number=3, point={"depth": 5, "family": "cnn", "width": 8}, rating=4.5),
    replace(TRIAL, number=4, state="failed", failure="user-error", metrics={}, origin="person"),
)


def search() -> Search:
    return search_of(program_of(spec(SPACE, ["maximize accuracy"])))


def picked(text: str) -> list[int]:
    facts = TrialFacts.of(search(), TRIALS)
    return [t.number for t in TrialCondition.read(text, facts.names).pick(TRIALS, facts)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("accuracy > 0.9", [0, 3]),
        ("accuracy > 0.9 and depth <= 3 and state == completed", [0]),
        ("state == timed-out", [2]),
        ("state != completed", [2, 4]),
        ("state in {failed, completed} and not (accuracy > 0.9)", [1, 4]),
        ("family == cnn or failure == timeout", [2, 3]),
        ("latency.p95 on edge-lab <= 5ms", [0, 3]),
        ("latency.p95@edge-lab > 5ms", [1]),
        ("width * 2 == 16", [3]),
        ("channels[1] == 2", [0, 1, 2, 4]),
        ("rating >= 4 or accuracy < 0.6", [1, 3]),
        ("origin == person", [4]),
        ("front", [0, 3]),
        ("feasible and trial > 0", [1, 3]),
        ('family == "mlp" and accuracy >= 95%', [0]),
    ],
)
def test_a_condition_picks_trials(text: str, numbers: list[int]) -> None:
    assert picked(text) == numbers


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("acuracy > 1", "no trial has `acuracy`", "did you mean `accuracy`?"),
        ("channels == 1", "no trial has `channels`", "did you mean `channels[0]`?"),
        (
            "accuracy >",
            "`accuracy >` is no condition: `accuracy >` ends too early",
            "write `optimizer == sgd`, `a * b <= 1024` or `kernel in {3, 5} and not pooled`",
        ),
        (
            "family < 3",
            "`family < 3` has no value: `family < 3` is no number",
            "compare numbers with `<` and `>`, words with `==` and `!=`",
        ),
        (
            "accuracy",
            "`accuracy` has no value: it is neither true nor false",
            "compare numbers with `<` and `>`, words with `==` and `!=`",
        ),
    ],
)
def test_what_is_no_condition_is_a_problem(text: str, message: str, help_: str) -> None:
    with pytest.raises(Problem) as refused:
        picked(text)
    told = refused.value.diagnostic
    assert (told.code, told.message, told.help) == ("OFC794", message, help_)


def test_trials_are_sorted_and_those_without_come_last() -> None:
    facts = TrialFacts.of(search(), TRIALS)

    def ordered(text: str) -> list[int]:
        return [t.number for t in TrialOrder.read(text, facts.names).sort(TRIALS, facts)]

    assert ordered("accuracy") == [1, 0, 3, 2, 4]
    assert ordered("-accuracy") == [0, 3, 1, 2, 4]
    assert ordered("latency.p95 on edge-lab") == [0, 3, 1, 2, 4]
    assert ordered("-family") == [0, 1, 2, 4, 3]
    with pytest.raises(Problem):
        ordered("nothing")
