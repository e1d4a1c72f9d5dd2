"""A search that only its trials bound may go on for days."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import duration_to_text

from ..advice import Advice, Subject

LONG = 12 * 3600.0
"""Seconds that nobody needs to bound: they pass over a night."""


def unbounded_time(subject: Subject) -> Iterator[Advice]:
    """Asks for `wallClock` where the worst case is longer than a night."""
    search = subject.search
    if search is None or search.worst_case_seconds is None or search.budget.wall_clock is not None:
        return
    longest = search.worst_case_seconds / max(1, search.parallelism)
    if longest <= LONG:
        return
    hours = duration_to_text(float(-(-longest // 3600) * 3600))
    yield Advice(
        f"nothing but its trials bounds the time of the search, which may be {hours}",
        subject.at("spec", "search", "budget"),
        "no `wallClock`",
        "add `wallClock: 8h`, or shorten `timeout` under `trial`",
    )
