"""Scrambled Sobol points: scipy's own numbers without scipy's own import.

`import scipy.stats` takes 0.6 s of CPU and 60 MB, most of what a search function that starts from
zero would spend. What is needed of it is a table of direction numbers and thirty lines.

Joe and Kuo (2008), Constructing Sobol sequences with better two-dimensional projections;
Matousek (1998), On the L2-discrepancy for anchored boxes (the scrambling: a random linear one of
the digits, then a shift).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS = 30
"""Digits of a coordinate, as in scipy; a sequence has 2^30 points."""


def sobol_sequence(dimensions: int, seed: int, first: int, count: int) -> list[list[float]]:
    """Points `first`, `first + 1`, ... of the sequence that the seed scrambles.

    They are those of `scipy.stats.qmc.Sobol(dimensions, rng=numpy.random.default_rng(seed))`.
    """
    import numpy as np

    directions = _directions(dimensions)
    if directions is None:
        return _of_scipy(dimensions, seed, first, count)
    (generator,) = np.random.default_rng(seed).spawn(1)
    places = np.arange(BITS, dtype=np.uint32)
    digits = generator.integers(2, size=(dimensions, BITS), dtype=np.uint32)
    shift = np.dot(digits, np.uint32(2) ** places)  # d
    mixing = generator.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32)
    mixing = np.tril(mixing, -1) | np.eye(BITS, dtype=np.uint32)  # d x digit x digit
    falling = places[::-1]
    columns = (directions[:, :, None] >> falling) & 1  # d x column x digit
    mixed = np.einsum("dij,dcj->dci", mixing, columns) & 1
    scrambled = (mixed << falling).sum(axis=2, dtype=np.uint32)  # d x column
    points: list[list[float]] = []
    for place in range(first, first + count):
        gray, point = place ^ (place >> 1), shift.copy()
        for bit in range(gray.bit_length()):
            if gray >> bit & 1:
                point ^= scrambled[:, bit]
        points.append((point / 2**BITS).tolist())
    return points


@lru_cache(maxsize=4)
def _directions(dimensions: int) -> NDArray[np.uint32] | None:
    """The unscrambled direction numbers, dimensions x `BITS`; None where scipy keeps no table."""
    import numpy as np

    scipy = find_spec("scipy")
    if scipy is None or scipy.origin is None:
        return None
    table = Path(scipy.origin).parent / "stats" / "_sobol_direction_numbers.npz"
    try:
        with np.load(table, allow_pickle=False) as kept:
            polynomials, beginnings = kept["poly"], kept["vinit"]
    except (OSError, KeyError, ValueError):
        return None
    if dimensions > len(polynomials):
        return None
    made = np.ones((dimensions, BITS), dtype=np.uint32)
    for row in range(1, dimensions):
        polynomial = int(polynomials[row])
        degree = polynomial.bit_length() - 1
        numbers = [int(number) for number in beginnings[row][:degree]]
        for place in range(degree, BITS):
            number = numbers[place - degree]
            for back in range(degree):
                if polynomial >> (degree - 1 - back) & 1:
                    number ^= numbers[place - back - 1] << (back + 1)
            numbers.append(number)
        made[row] = numbers[:BITS]
    return made << np.arange(BITS, dtype=np.uint32)[::-1]


def _of_scipy(dimensions: int, seed: int, first: int, count: int) -> list[list[float]]:
    import numpy as np
    from scipy.stats import qmc

    sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    if first:
        sequence.fast_forward(first)
    # One by one: scipy warns about a first draw that is no power of two.
    return [sequence.random(1)[0].tolist() for _ in range(count)]
