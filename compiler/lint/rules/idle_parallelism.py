"""More places for trials than there are trials."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Related

from ..advice import Advice, Subject
from ..edits import replace_value

SEARCH = ("spec", "search")


def idle_parallelism(subject: Subject) -> Iterator[Advice]:
    """Asks that `parallelism` is not above the budget's trials."""
    search = subject.spec.search
    trials = search.budget.trials
    if trials is None or search.parallelism <= trials:
        return
    budget = subject.at(*SEARCH, "budget", "trials")
    yield Advice(
        f"{search.parallelism} trials may run at once, and there are only {trials}",
        subject.at(*SEARCH, "parallelism"),
        "never all used",
        f"write `parallelism: {trials}` or less",
        () if budget is None else (Related(budget, "all trials there are"),),
        replace_value(subject.node(*SEARCH, "parallelism"), str(trials)),
    )
