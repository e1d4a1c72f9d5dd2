"""Which row goes where: a seeded shuffle, by class where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from omniforce.spec.blocks.data import Split


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The positions of the rows of each part, ascending."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]


def divide(split: Split, count: int, labels: NDArray[np.int64] | None) -> Rows:
    """Divides `count` rows by the shares of `split`.

    `labels` has the class of each row; it is None for a regression.

    Raises:
        Problem: OFC730 where a part that has a share would be empty, a class has no training
            row, or a regression is to be stratified.
    """
    import numpy as np

    if split.stratify and labels is None:
        raise Problem(
            "OFC730",
            "`stratify` keeps the shares of classes, and the target is a number",
            "remove `stratify: true`",
        )
    generator = np.random.default_rng(split.seed)
    groups = (
        [np.flatnonzero(labels == label) for label in np.unique(labels)]
        if split.stratify and labels is not None
        else [np.arange(count)]
    )
    shares = (split.train, split.valid, split.test)
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    for group in groups:
        shuffled = generator.permutation(group)
        ends = np.cumsum(_counts(len(group), shares))
        for part, piece in zip(parts, np.split(shuffled, ends[:-1]), strict=True):
            part.append(piece)
    rows = Rows(*(np.sort(np.concatenate(part)).astype(np.int64) for part in parts))
    _check(split, rows, count, labels)
    return rows


def _counts(count: int, shares: tuple[float, ...]) -> list[int]:
    """Whole numbers that sum to `count`, each as near to its share as that allows."""
    exact = [count * share / sum(shares) for share in shares]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: count - sum(counts)]:
        counts[i] += 1
    return counts


def _check(split: Split, rows: Rows, count: int, labels: NDArray[np.int64] | None) -> None:
    import numpy as np

    for name in ("train", "valid", "test"):
        if getattr(split, name) > 0 and not len(getattr(rows, name)):
            raise Problem(
                "OFC730",
                f"{count} rows are too few: none is left for `{name}`",
                f"give `{name}` a larger share, or bring more rows",
            )
    if labels is None:
        return
    without = np.setdiff1d(labels, labels[rows.train])
    if len(without):
        raise Problem(
            "OFC730",
            f"{len(without)} of the {len(np.unique(labels))} classes have no row to train on",
            "add `stratify: true` under `split`, or bring more rows of the rare classes",
        )
