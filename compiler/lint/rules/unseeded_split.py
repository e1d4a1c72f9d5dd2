"""A split whose seed is not written is the same each time, and nobody sees which."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject
from ..edits import append_key

SPLIT = ("spec", "data", "split")


def unseeded_split(subject: Subject) -> Iterator[Advice]:
    """Asks for `seed` beside the shares of a split."""
    if not subject.written(*SPLIT) or subject.written(*SPLIT, "seed"):
        return
    seed = subject.spec.data.split.seed
    yield Advice(
        f"the seed of the split is not written, and is {seed}",
        subject.at(*SPLIT),
        "which rows are in which part hangs on it",
        f"write `seed: {seed}` beside the shares",
        edits=append_key(subject.node(*SPLIT), f"seed: {seed}"),
        applicable="safe",
    )
