"""The shares of a split come to one, so that no row is lost and none is used twice."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.data import Split
from .finding import Finding, Place, Readable

SPLIT = ("spec", "data", "split")


def split_shares(document: Readable) -> Iterator[Finding]:
    """Asks that `train`, `valid` and `test` sum to 1, to nine digits."""
    split = document.value(Split, *SPLIT)
    if split is None:
        return
    total = split.train + split.valid + split.test
    if abs(total - 1.0) <= 1e-9:
        return
    rest = 1.0 - split.train - split.valid
    parts = f"train {split.train:g}, valid {split.valid:g} and test {split.test:g}"
    yield Finding(
        "OFC306",
        f"the shares of the split come to {total:g}, they must come to 1",
        Place(SPLIT, on_key=True),
        parts,
        f"write `test: {rest:.6g}`" if rest >= 0 else "make `train` and `valid` smaller",
    )
