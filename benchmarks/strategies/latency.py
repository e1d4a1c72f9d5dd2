"""What one suggestion costs: CPU seconds and memory, by observations, dimensions and batch.

Each measurement is a process of its own, with one thread. A searcher is told n observations of a
smooth function, and three rounds of asking for q points and telling them are timed; what it
imports is not.
"""

from __future__ import annotations

import math
import multiprocessing
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from random import Random

from omniforce.spec.space import Assignment, Coordinate, FloatRange, Space
from omniforce.strategies.protocol import Goal, Problem

from ..measure import table
from .campaign import Options
from .play import peak
from .searcher import Searcher, Unavailable
from .searchers import starter, warm
from .tables import heading

OBSERVED = (50, 200, 1_000)
DIMENSIONS = (6, 20, 100)
AT_ONCE = (1, 8)
ROUNDS = 3
PATIENCE = 90.0
"""Seconds of CPU after which no further round is timed."""
SEARCHERS = ("bayesian", "botorch", "optuna-gp")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one suggestion (all q points), and MB beyond what the imports take."""

    cpu: float
    memory: float


Case = tuple[int, int, int]


def main(options: Options) -> None:
    """Measures one case after the other and prints the table and the growth."""
    if options.redraw:
        return  # nothing is kept: it would be of another hour
    searchers = options.searchers or SEARCHERS
    costs: dict[tuple[Case, str], Cost] = {}
    for case in product(OBSERVED, DIMENSIONS, AT_ONCE):
        for searcher in searchers:
            cost = _apart(searcher, case)
            if cost is not None:
                costs[case, searcher] = cost
                print(f"{searcher} {case}: {cost.cpu:.2f} s", file=sys.stderr, flush=True)
    print(heading("CPU seconds of one suggestion, and MB that it took at most"))
    head = ["n", "d", "q", *searchers, *(f"ours / {each}" for each in searchers[1:])]
    rows = [
        [
            *map(str, case),
            *(_text(costs.get((case, searcher))) for searcher in searchers),
            *(_ratio(costs, case, searchers[0], each) for each in searchers[1:]),
        ]
        for case in product(OBSERVED, DIMENSIONS, AT_ONCE)
    ]
    print(table(head, rows))
    for searcher in searchers:
        print(
            f"\n{searcher}: from n = 200 to 1,000 the CPU grows as n to the "
            + _growth(costs, searcher)
        )


def _apart(searcher: str, case: Case) -> Cost | None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(suggestion, searcher, *case).result()
        except Unavailable as error:
            print(f"skipped: {error}", file=sys.stderr)
            return None


def suggestion(searcher: str, observed: int, dimensions: int, count: int) -> Cost:
    """The cost of one suggestion, in this process.

    Raises:
        Unavailable: the searcher is not installed.
    """
    warm(searcher, 1)
    ids = [f"x{at}" for at in range(dimensions)]
    space = Space(tuple(Coordinate(each, (), FloatRange(0.0, 1.0)) for each in ids))
    problem = Problem(space, (Goal("value", "minimize"),), 0, observed + ROUNDS * count)
    started, generator = starter(searcher)(problem, observed), Random(0)
    for trial in range(observed):
        point = {each: generator.random() for each in ids}
        started.tell(trial, point, _value(point))
    before = peak()
    spent: list[float] = []
    while len(spent) < ROUNDS and sum(spent) < PATIENCE:
        spent.append(_round(started, observed + len(spent) * count, count))
    return Cost(sum(spent) / len(spent), peak() - before)


def _round(searcher: Searcher, first: int, count: int) -> float:
    start = time.process_time()
    points = searcher.ask(count)
    spent = time.process_time() - start
    for at, point in enumerate(points):
        searcher.tell(first + at, point, _value(point))
    return spent


def _value(point: Assignment) -> Mapping[str, float]:
    """A bowl with waves in its first six directions."""
    places = [float(each) for each in point.values()]
    bowl = sum((each - 0.3) ** 2 for each in places)
    return {"value": bowl + 0.3 * sum(math.sin(9 * each) for each in places[:6])}


def _text(cost: Cost | None) -> str:
    return "-" if cost is None else f"{cost.cpu:.2f} s, {cost.memory:.0f} MB"


def _ratio(costs: Mapping[tuple[Case, str], Cost], case: Case, ours: str, other: str) -> str:
    mine, theirs = costs.get((case, ours)), costs.get((case, other))
    return "-" if mine is None or theirs is None else f"{mine.cpu / max(theirs.cpu, 1e-9):.2f}"


def _growth(costs: Mapping[tuple[Case, str], Cost], searcher: str) -> str:
    powers = []
    for dimensions in DIMENSIONS:
        few, many = (costs.get(((n, dimensions, 1), searcher)) for n in (200, 1_000))
        if few and many:
            power = math.log(many.cpu / max(few.cpu, 1e-9)) / math.log(5)
            powers.append(f"{power:.1f} (d = {dimensions})")
    return ", ".join(powers) or "?"
