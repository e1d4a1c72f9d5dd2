"""So few rows to choose by that luck chooses."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.expression.print import number_to_text

from ..advice import Advice, Subject

LEAST = 0.1
VALID = ("spec", "data", "split", "valid")


def small_valid_share(subject: Subject) -> Iterator[Advice]:
    """Asks for a tenth of the rows at least."""
    share = subject.spec.data.split.valid
    if share >= LEAST:
        return
    yield Advice(
        f"objectives see {number_to_text(share)} of the rows",
        subject.at(*VALID),
        "trials are told apart by few rows",
        "write `valid: 0.2`, unless the data is so large that this is thousands of rows",
    )
