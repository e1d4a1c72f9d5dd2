"""So many trials at once that a strategy which learns has next to nothing to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import UNTAUGHT, Advice, Subject

ROUNDS = 4
_TIMES = ("nothing", "only once", "only twice", "only three times")


def wide_parallelism(subject: Subject) -> Iterator[Advice]:
    """Counts the rounds that a budget gives."""
    search = subject.search
    if search is None or search.strategy.name in UNTAUGHT or search.budget.trials is None:
        return
    trials, at_once = search.budget.trials, search.parallelism
    if at_once > trials or trials >= ROUNDS * at_once or at_once == 1:
        return
    yield Advice(
        f"{at_once} of {trials} trials run at once, so that `{search.strategy.name}` learns "
        f"{_TIMES[-(-trials // at_once) - 1]}",
        subject.at("spec", "search", "parallelism"),
        "too many at once",
        f"write `parallelism: {max(1, trials // 10)}` for ten rounds, or `strategy: sobol`, "
        "which needs none",
    )
