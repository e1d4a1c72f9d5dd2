"""A search that begins without knowing where the writer would."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import UNTAUGHT, Advice, Subject

FEW = 4
"""Parameters below which a guess saves nothing."""


def no_first_guess(subject: Subject) -> Iterator[Advice]:
    """Asks for a `default` somewhere in a larger space."""
    space = subject.spec.search_space
    names = dict.fromkeys(c.name for c in space)
    if subject.search is None or subject.search.strategy.name in UNTAUGHT:
        return
    if len(names) < FEW or any(c.default is not None or c.prior is not None for c in space):
        return
    yield Advice(
        f"none of {len(names)} parameters has a default",
        subject.at("spec", "searchSpace"),
        "the search begins anywhere",
        "add `default` where you have a guess: the first trial takes it, and nothing is ruled out",
    )
