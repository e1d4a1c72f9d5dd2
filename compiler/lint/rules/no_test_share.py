"""A model is served that no row has judged which the search had not seen."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.diagnostic import Related

from ..advice import Advice, Subject

TEST = ("spec", "data", "split", "test")


def no_test_share(subject: Subject) -> Iterator[Advice]:
    """Asks for a share of the rows that is kept back, where something is deployed."""
    if subject.spec.deployment is None or subject.spec.data.split.test > 0:
        return
    served = subject.at("spec", "deployment", "to")
    yield Advice(
        "a model is served, and no rows are kept back to judge it",
        subject.at(*TEST),
        "no test rows",
        "keep some back: `{train: 0.6, valid: 0.2, test: 0.2}`",
        () if served is None else (Related(served, "served here"),),
    )
