"""Several fidelities: how long it takes to come within 1 % of the best, with the clock simulated.

The unit of time is one whole training; one to an epoch or a size costs that share of it. A
configuration that goes up goes on where it was: it pays the difference, for ours and SMAC's as for
Optuna's, whose trials are one training that is cut. (`ofc run` trains anew: the column `anew` is
ours with all of it paid.) A search has come within 1 % of the best once a figure that it was told
is at least 0.99 times the best there is at the top. Random search trains everything to the end.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Coordinate, IntRange, Space
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward, SpaceExhausted
from omniforce.strategies.table import make

from .campaign import Options
from .peers.several_fidelities import optuna_hyperband, smac_hyperband
from .problems.curves import LCDB, PATIENCE, Curves, digits, lcdb

AMOUNT = "amount"
"""The fidelity's name in every space here."""

SEEDS = 50

Search = Callable[[Curves, int], float]
"""A problem and a seed; the time until it comes within 1 %."""


def ours(strategy: str, *, anew: bool = False, **options: Value) -> Search:
    """One of our strategies; with `anew`, a configuration that goes up pays for all again."""
    fidelity = strategy in ("hyperband", "asha", "bohb")
    if fidelity:
        options["fidelity"] = AMOUNT

    def search(problem: Curves, seed: int) -> float:
        low, high = problem.amounts[0], problem.amounts[-1]
        coordinates = [
            Coordinate(name, (), Choice(values, ordered=ordered))
            for name, (values, ordered) in problem.choices.items()
        ]
        if fidelity:
            coordinates.append(Coordinate(AMOUNT, (), IntRange(low, high, "log")))
        asked = Problem(Space(tuple(coordinates)), (Goal("figure", "maximize"),), seed, 100)
        bound = make(StrategyChoice(strategy, tuple(options.items()))).bind_space(asked)
        rewards: list[Reward] = []
        paid: dict[tuple[tuple[str, Value], ...], float] = {}
        spent = 0.0
        while spent < PATIENCE:
            try:
                (point,) = bound.handle_rewards(rewards).generate_tasks(1)
            except SpaceExhausted:
                return PATIENCE
            amount = problem.nearest(float(point.get(AMOUNT, high)))
            key = tuple(each for each in point.items() if each[0] != AMOUNT)
            spent += problem.cost(amount) - (0.0 if anew else paid.get(key, 0.0))
            paid[key] = problem.cost(amount)
            found = problem.figure(point, amount)
            if problem.is_enough(found):
                return spent
            rewards.append(Reward(len(rewards), point, Outcome.COMPLETED, {"figure": found}))
        return PATIENCE

    return search


SEARCHES: Mapping[str, Search] = {
    "random": ours("random"),
    "bayesian": ours("bayesian"),
    "hyperband": ours("hyperband"),
    "asha": ours("asha"),
    "bohb": ours("bohb"),
    "bohb, anew": ours("bohb", anew=True),
    "Optuna TPE + Hyperband": optuna_hyperband,
    "SMAC multi-fidelity": smac_hyperband,
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one search took on one problem.

    Attributes:
        times: by seed, in whole trainings.
        seconds: of CPU for a run, the searcher's own.
    """

    search: str
    problem: str
    times: tuple[float, ...]
    seconds: float


def measured(sets: Sequence[Curves], problem: str, search: str, seeds: int) -> Line:
    """One search on a problem, or on several that take turns, one a seed."""
    began = time.process_time()
    times = tuple(SEARCHES[search](sets[seed % len(sets)], seed) for seed in range(seeds))
    return Line(search, problem, times, (time.process_time() - began) / seeds)


def table(lines: Sequence[Line], problems: Sequence[str], searches: Sequence[str]) -> str:
    """A table of Markdown: mean time with its standard error, and as a share of random's."""
    found = {(line.search, line.problem): line for line in lines}
    rows = ["| search | " + " | ".join(problems) + " | CPU s a run |"]
    rows.append("|" + "---|" * (len(problems) + 2))
    for search in searches:
        cells = []
        for problem in problems:
            times, base = found[search, problem].times, found["random", problem].times
            error = stdev(times) / math.sqrt(len(times)) if len(times) > 1 else 0.0
            cells.append(f"{fmean(times):.2f} ± {error:.2f} ({fmean(times) / fmean(base):.2f})")
        seconds = fmean(found[search, problem].seconds for problem in problems)
        rows.append(f"| {search} | " + " | ".join(cells) + f" | {seconds:.2f} |")
    return "\n".join(rows)


def searches_here() -> list[str]:
    """Those whose packages are installed."""
    import importlib.util

    needs = {"Optuna TPE + Hyperband": "optuna", "SMAC multi-fidelity": "smac"}
    names = []
    for name in SEARCHES:
        if name in needs and importlib.util.find_spec(needs[name]) is None:
            print(f"skipped: {name}, since `{needs[name]}` is not installed", file=sys.stderr)
            continue
        names.append(name)
    return names


def main(options: Options) -> None:
    """Prints the table."""
    seeds = options.seeds or SEEDS
    problems = {"digits": [digits()]}
    if LCDB.exists():
        sets = list(lcdb())
        problems[f"lcdb, {len(sets)} sets"] = sets
    chosen = {n: s for n, s in problems.items() if not options.only or n in options.only}
    names = [
        n for n in searches_here() if n in (*options.searchers, "random") or not options.searchers
    ]
    lines = [measured(sets, name, each, seeds) for name, sets in chosen.items() for each in names]
    print(table(lines, list(chosen), names))
