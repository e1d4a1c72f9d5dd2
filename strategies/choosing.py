"""Which strategy suits a problem where the spec says `auto`: the paper's formatter (section 2.1.6).

    all points fit into the budget            => grid
    a fidelity is named                       => bohb
    too few trials to learn from              => sobol
    far more trials than a model can hold     => evolution, or nsga2 for several objectives
    else Bayesian optimisation, by the space  => of-trans, of, bayesian

`of-hd` is for whoever knows that few of many numbers matter; measured on spaces where that is not
known, it was no better than `bayesian` and costs three times as much.

Reads what a compiler knows before the first trial, and no trial. Every choice says why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, FloatRange, Space, cardinality

ENOUGH = 10
"""Trials below which a model learns too little: a first design alone takes about as many."""

MANY = 2_000
"""Trials from which on a model, which learns from 500 of them, no longer earns its time."""

CROWD = 128
"""Trials at once from which on a model proposes mostly by what it only believes."""

LARGE = 1_000
"""Points of a finite space from which on its structure is worth more than its numbers."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known before the first trial.

    Attributes:
        space: what is searched.
        objectives: how many there are.
        trials: how many there will be; None where time or money bounds them.
        parallelism: how many at once.
        past: whether studies that are over may be learned from.
        options: what the spec gives beside `auto`.
    """

    space: Space
    objectives: int
    trials: int | None
    parallelism: int
    past: bool = False
    options: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A strategy's name, and what speaks for it, the first reason first."""

    name: str
    reasons: tuple[str, ...]


def choose(situation: Situation) -> Chosen:
    """What suits, of the strategies that `table` has."""
    trials, points = situation.trials, size(situation.space)
    several = situation.objectives > 1
    if "fidelity" in dict(situation.options):
        named = dict(situation.options)["fidelity"]
        return Chosen(
            "bohb",
            (
                f"`{named}` says how much a trial gets: the best of many get more of it",
                "new configurations are drawn where good ones were found",
            ),
        )
    if trials is not None and points is not None and points <= trials:
        return Chosen("grid", (f"all {points} points of the space fit into {trials} trials",))
    if trials is not None and trials < ENOUGH:
        return Chosen(
            "sobol",
            (f"{trials} trials are too few to learn from, so they are spread evenly",),
        )
    crowded = situation.parallelism >= CROWD
    if (trials is not None and trials > MANY) or crowded:
        name = "nsga2" if several else "evolution"
        why = (
            f"{situation.parallelism} trials at once leave a model little to learn from in between"
            if crowded
            else f"{trials} trials are many more than a model learns from"
        )
        kind = "keeps a front of several objectives" if several else "costs nothing per trial"
        return Chosen(name, (why, f"`{name}` {kind}"))
    name, reason = surrogate(situation.space, situation.objectives, past=situation.past)
    budget = "the budget" if trials is None else f"a budget of {trials} trials"
    return Chosen(
        {"gp": "bayesian"}.get(name, name), (f"{budget} leaves enough to learn from", reason)
    )


def surrogate(space: Space, objectives: int, *, past: bool) -> tuple[str, str]:
    """The surrogate of Bayesian optimisation that suits, and why."""
    numbers = _continuous(space)
    points = size(space)
    if past and objectives == 1:
        return "of-trans", "past studies searched a space that overlaps"
    if space.graphs:
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(g.name for g in space.graphs))
        return "of", f"{names} is declared as a graph, whose structure `of` compares"
    if points is not None and points >= LARGE:
        return "of", f"the space is finite and large: {_counted(points)} combinations"
    return "gp", _described(space, numbers, objectives)


def size(space: Space) -> int | None:
    """How many combinations of values there are, constraints not looked at; None for a continuum.

    Combinations that differ only in what is inactive count each, so it is an upper bound.
    """
    counts = [cardinality(coordinate.domain) for coordinate in space]
    return None if None in counts else math.prod(count for count in counts if count is not None)


def _continuous(space: Space) -> int:
    return sum(isinstance(each.domain, FloatRange) and each.domain.step is None for each in space)


def _counted(points: int) -> str:
    return f"{points:,}" if points < 10**9 else f"about 10^{len(str(points)) - 1}"


def _described(space: Space, numbers: int, objectives: int) -> str:
    choices = sum(isinstance(each.domain, Choice) for each in space)
    conditional = sum(bool(each.conditions) for each in space)
    parts = [
        _plural(len(space), "parameter"),
        *([f"{numbers} of them without steps"] if numbers else []),
        *([_plural(choices, "choice")] if choices else []),
        *([f"{conditional} conditional"] if conditional else []),
        *([_plural(objectives, "objective")] if objectives > 1 else []),
    ]
    return f"one model holds what there is: {_listed(parts)}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
