"""Fewer trials than there are parameters: each is hardly moved once."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject

TRIALS = ("spec", "search", "budget", "trials")


def few_trials(subject: Subject) -> Iterator[Advice]:
    """Compares the budget with the parameters of the space; the places of an array are one."""
    trials = subject.spec.search.budget.trials
    names = dict.fromkeys(c.argument for c in subject.spec.search_space)
    if trials is None or trials >= len(names):
        return
    yield Advice(
        f"the budget is {trials} trials, and {len(names)} parameters are searched",
        subject.at(*TRIALS),
        "fewer trials than parameters",
        f"write at least `trials: {4 * len(names)}`, or fix parameters under `arguments`",
    )
