"""One trial may take as long as all of them together."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Related
from omniforce.spec.expression.print import duration_to_text

from ..advice import Advice, Subject

SEARCH = ("spec", "search")


def trial_outlasts_budget(subject: Subject) -> Iterator[Advice]:
    """Compares the timeout of a trial with the time of the whole search."""
    search = subject.spec.search
    whole, one = search.budget.wall_clock, search.trial.timeout
    if whole is None or one < whole:
        return
    budget = subject.at(*SEARCH, "budget", "wallClock")
    written = subject.written(*SEARCH, "trial", "timeout")
    longest, all_ = duration_to_text(one), duration_to_text(whole)
    yield Advice(
        f"one trial may take {longest}, and the whole search {all_}",
        subject.at(*SEARCH, "trial", "timeout") if written else budget,
        "the first slow trial is the last",
        "shorten `timeout` under `trial`, or give the search more time",
        (Related(budget, "for all trials"),) if written and budget is not None else (),
    )
