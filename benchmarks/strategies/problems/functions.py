"""Functions with a known least value: Branin, Hartmann-6, Ackley, Levy.

The boxes of Ackley and Levy are those of Eriksson et al. (2019), so that the optimum is not in
the middle, where many a design begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from omniforce.spec.space import Assignment, Coordinate, FloatRange, Space
from omniforce.strategies.protocol import Goal

from ..bench import Bench, Metrics, noiseless, regret

Function = Callable[[Sequence[float]], float]
Box = Sequence[tuple[float, float]]

HARTMANN_WEIGHTS = (1.0, 1.2, 3.0, 3.2)
HARTMANN_SLOPES = (
    (10, 3, 17, 3.5, 1.7, 8),
    (0.05, 10, 17, 0.1, 8, 14),
    (3, 3.5, 1.7, 10, 17, 8),
    (17, 8, 0.05, 10, 0.1, 14),
)
HARTMANN_PLACES = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


def branin(x: Sequence[float]) -> float:
    """Three equal valleys in two dimensions."""
    first, second = x
    curve = second - 5.1 * first**2 / (4 * math.pi**2) + 5 * first / math.pi - 6
    return curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(first) + 10


def hartmann6(x: Sequence[float]) -> float:
    """Six local valleys in six dimensions."""
    return -sum(
        weight
        * math.exp(-sum(a * (each - p) ** 2 for a, each, p in zip(slope, x, place, strict=True)))
        for weight, slope, place in zip(
            HARTMANN_WEIGHTS, HARTMANN_SLOPES, HARTMANN_PLACES, strict=True
        )
    )


def ackley(x: Sequence[float]) -> float:
    """A narrow funnel in a plain full of dents."""
    size = len(x)
    far = math.sqrt(sum(each**2 for each in x) / size)
    dents = sum(math.cos(2 * math.pi * each) for each in x) / size
    return -20 * math.exp(-0.2 * far) - math.exp(dents) + 20 + math.e


def levy(x: Sequence[float]) -> float:
    """A bowl full of waves; its least value, 0, is where all are 1."""
    w = [1 + (each - 1) / 4 for each in x]
    middle = sum(
        (each - 1) ** 2 * (1 + 10 * math.sin(math.pi * each + 1) ** 2) for each, _ in pairwise(w)
    )
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return math.sin(math.pi * w[0]) ** 2 + middle + last


def function(name: str, of: Function, box: Box, least: float, trials: int) -> Bench:
    """A function over a box; lost is how far above its least value the best trial is."""
    ids = [f"x{at}" for at in range(len(box))]
    space = Space(
        tuple(Coordinate(each, (), FloatRange(*ends)) for each, ends in zip(ids, box, strict=True))
    )

    def truth(point: Assignment) -> Metrics:
        return {"value": of([float(point[each]) for each in ids])}

    goals = (Goal("value", "minimize"),)
    return Bench(name, space, goals, trials, noiseless(truth), truth, regret("value", least))


FUNCTIONS: dict[str, Callable[[], Bench]] = {
    "branin": lambda: function("branin", branin, ((-5, 10), (0, 15)), 0.39788735772974, 40),
    "hartmann-6": lambda: function("hartmann-6", hartmann6, ((0, 1),) * 6, -3.32236801141551, 80),
    "ackley-20": lambda: function("ackley-20", ackley, ((-5, 10),) * 20, 0.0, 100),
    "levy-50": lambda: function("levy-50", levy, ((-5, 10),) * 50, 0.0, 100),
}
