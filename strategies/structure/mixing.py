"""Numbers of 64 bits that stand for labels, the same on every machine and in every process.

A label is mixed from what it is made of; a multiset of labels is their sum, so that the order of
its members does not matter and one more of them does.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def word(text: str) -> int:
    """The label of a word."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def mixed(left: Labels, right: Labels) -> Labels:
    """The label of an ordered pair; arrays broadcast.

    The finalizer of SplitMix64 (Steele, Lea, Flood, 2014), which leaves no bit unmoved by another.
    """
    label: Labels = left * _GOLDEN + right
    label = (label ^ (label >> np.uint64(30))) * _FIRST
    label = (label ^ (label >> np.uint64(27))) * _SECOND
    label ^= label >> np.uint64(31)
    return label


def counts(labels: Labels, present: npt.NDArray[np.bool_], buckets: int) -> npt.NDArray[np.int64]:
    """How many labels of each row fall into each bucket.

    Args:
        labels: m x n, m labels of n rows.
        present: m x n, which of them count.
        buckets: how many there are.

    Returns:
        n x buckets.
    """
    rows = labels.shape[1]
    place = (labels % np.uint64(buckets)).astype(np.int64)
    place += np.arange(rows, dtype=np.int64) * buckets
    return np.bincount(place[present], minlength=rows * buckets).reshape(rows, buckets)
