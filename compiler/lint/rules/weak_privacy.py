"""Differential privacy with a budget that promises next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject

LARGE_EPSILON = 10.0
LARGE_DELTA = 1e-3
PRIVACY = ("spec", "data", "privacy")


def weak_privacy(subject: Subject) -> Iterator[Advice]:
    """Looks at epsilon and delta."""
    privacy = subject.spec.data.privacy
    if privacy is None:
        return
    if privacy.epsilon > LARGE_EPSILON:
        yield Advice(
            f"a privacy budget of epsilon {privacy.epsilon:g} hides hardly anybody",
            subject.at(*PRIVACY, "epsilon"),
            "one person may change the model's odds by e to this power",
            "write `epsilon: 8` or less",
        )
    if privacy.delta > LARGE_DELTA:
        yield Advice(
            f"a delta of {privacy.delta:g} lets the promise fail too often",
            subject.at(*PRIVACY, "delta"),
            "the chance that the promise does not hold",
            "write less than one in the number of rows, such as `delta: 1e-5`",
        )
