"""The same parameters give figures that differ more than the best trials differ from each other.

Noise is told by trials of one point, and by pairs that are next to each other; half the mean
square of their differences is its variance (von Neumann's estimate).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...quantities import show_metric
from ..advice import Advice, Subject

LEAST, PAIRS = 20, 5
NEAR = 0.03
MOST = 300


def noise(subject: Subject) -> Iterator[Advice]:
    """Compares the noise with how far the best stand apart."""
    trials = subject.ranked[:MOST]
    if len(trials) < LEAST:
        return
    keys = [subject.encoding.key(trial.present_point) for trial in trials]
    squares = list[float]()
    for at, one in enumerate(keys):
        for after in range(at + 1, len(keys)):
            if _are_near(one, keys[after]):
                squares.append((subject.cost(trials[at]) - subject.cost(trials[after])) ** 2 / 2)
    if len(squares) < PAIRS:
        return
    deviation = math.sqrt(sum(squares) / len(squares))
    best = subject.best
    apart = subject.cost(best[-1]) - subject.cost(best[0])
    if deviation <= apart or deviation == 0.0:
        return
    key, spread = subject.objective, show_metric(subject.objective, deviation)
    yield Advice(
        "noise",
        f"`{key}` is noisier than the best trials differ",
        (
            f"{len(squares)} pairs of nearly the same parameters deviate by {spread}",
            f"the best {len(best)} trials lie within {show_metric(key, apart)}",
        ),
        "measure each trial on more data or with several seeds, or take any of the best trials",
    )


def _are_near(one: tuple[float | None, ...], other: tuple[float | None, ...]) -> bool:
    for a, b in zip(one, other, strict=True):
        if (a is None) != (b is None):
            return False
        if a is not None and b is not None and abs(a - b) > NEAR:
            return False
    return True
