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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.tree import Value
from omniforce.spec.space import Choice, Coordinate, IntRange, Space
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward, SpaceExhausted
from omniforce.strategies.table import make

from .campaign import Options
from .digits_curves import GRID, configurations, curves

LCDB = Path(__file__).parents[3] / "shared" / "data" / "lcdb" / "lcdb_accuracy_mean.parquet"

AMOUNT = "amount"
"""The fidelity's name in every space here."""

SEEDS = 50

PATIENCE = 200.0
"""Whole trainings after which a search that has not come there is given up, and counted so."""

Configuration = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Curves:
    """A table of learning curves as a problem.

    Attributes:
        choices: per parameter its values, and whether they have an order.
        amounts: the fidelities that the table has, lowest first; the last is a whole training.
        figure: of a configuration at one of them; more is better.
        best: at the last.
    """

    name: str
    choices: Mapping[str, tuple[tuple[Value, ...], bool]]
    amounts: tuple[int, ...]
    figure: Callable[[Configuration, int], float]
    best: float

    def nearest(self, amount: float) -> int:
        """The fidelity of the table that is closest on a log scale."""
        return min(self.amounts, key=lambda each: abs(math.log(each / amount)))

    def is_enough(self, figure: float) -> bool:
        """Whether it is within 1 % of the best."""
        return figure >= 0.99 * self.best

    def cost(self, amount: float) -> float:
        """Of a training up to there, in whole trainings."""
        return amount / self.amounts[-1]


Search = Callable[[Curves, int], float]
"""A problem and a seed; the time until it comes within 1 %."""


def digits() -> Curves:
    """The table of `digits_curves`."""
    table = curves()
    rows = {tuple(each.items()): at for at, each in enumerate(configurations())}
    ordered = {name: not isinstance(values[0], str) for name, values in GRID.items()}

    def figure(configuration: Configuration, amount: int) -> float:
        return float(table[rows[tuple((name, configuration[name]) for name in GRID)], amount - 1])

    return Curves(
        "digits",
        {name: (tuple(values), ordered[name]) for name, values in GRID.items()},
        tuple(range(1, table.shape[1] + 1)),
        figure,
        float(table[:, -1].max()),
    )


def lcdb() -> Iterator[Curves]:
    """Which of 20 learners to train, on each set of LCDB where that is a question.

    The sets with all learners at 16 sizes or more, of which at most three are within 1 %.
    """
    import pandas as pd

    frame = pd.read_parquet(LCDB)
    for number, rows in frame.groupby("openmlid"):
        table = rows.pivot_table(
            index="learner", columns="size_train", values="acc_valid", observed=True
        )
        if len(table) < 20 or table.isna().to_numpy().any() or table.shape[1] < 16:
            continue
        last = table.iloc[:, -1]
        if (last >= 0.99 * last.max()).sum() > 3:
            continue
        values = {
            (str(learner), int(size)): float(table.loc[learner, size])
            for learner in table.index
            for size in table.columns
        }

        def figure(
            configuration: Configuration,
            amount: int,
            values: Mapping[tuple[str, int], float] = values,
        ) -> float:
            return values[str(configuration["learner"]), amount]

        learners = tuple(map(str, table.index))
        sizes = tuple(map(int, table.columns))
        yield Curves(
            f"lcdb {number}", {"learner": (learners, False)}, sizes, figure, float(last.max())
        )


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


def optuna_hyperband(problem: Curves, seed: int) -> float:
    """Optuna's TPE with its HyperbandPruner, told the figure at each amount of the table."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    low, high = problem.amounts[0], problem.amounts[-1]
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.HyperbandPruner(low, high, reduction_factor=3),
        study_name=f"fidelities-{seed}",  # the pruner draws its brackets by this name
    )
    spent = 0.0
    while spent < PATIENCE:
        trial = study.ask()
        point = {
            # An order that is given as numbers is one to Optuna too.
            name: values[trial.suggest_int(name, 0, len(values) - 1)]
            if ordered
            else values[values.index(trial.suggest_categorical(name, values))]
            for name, (values, ordered) in problem.choices.items()
        }
        found, before, state = 0.0, 0.0, optuna.trial.TrialState.COMPLETE
        for amount in problem.amounts:
            found = problem.figure(point, amount)
            spent += problem.cost(amount) - before
            before = problem.cost(amount)
            if problem.is_enough(found):
                return spent
            trial.report(found, amount)
            if trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        study.tell(trial, None if state is optuna.trial.TrialState.PRUNED else found, state=state)
    return PATIENCE


def smac_hyperband(problem: Curves, seed: int) -> float:
    """SMAC's MultiFidelityFacade: Hyperband with a random forest."""
    import logging
    import tempfile

    from ConfigSpace import Categorical, ConfigurationSpace, OrdinalHyperparameter
    from smac import MultiFidelityFacade, Scenario
    from smac.intensifier.hyperband import Hyperband
    from smac.main.exceptions import ConfigurationSpaceExhaustedException
    from smac.runhistory.dataclasses import TrialValue

    logging.disable(logging.WARNING)
    space = ConfigurationSpace(seed=seed)
    for name, (values, ordered) in problem.choices.items():
        kind: Any = OrdinalHyperparameter if ordered else Categorical
        space.add(kind(name, list(values)))
    with tempfile.TemporaryDirectory() as directory:
        scenario = Scenario(
            space,
            deterministic=True,
            n_trials=100_000,
            min_budget=problem.amounts[0],
            max_budget=problem.amounts[-1],
            seed=seed,
            output_directory=Path(directory),
        )
        facade = MultiFidelityFacade(
            scenario,
            lambda config, seed, budget: 0.0,
            intensifier=Hyperband(scenario, eta=3, seed=seed),
            logging_level=False,
        )
        paid: dict[Any, float] = {}
        spent = 0.0
        while spent < PATIENCE:
            try:
                asked = facade.ask()
            except (StopIteration, ConfigurationSpaceExhaustedException):
                return PATIENCE  # it has asked for every learner, and not for the best at the top
            amount = problem.nearest(float(asked.budget or problem.amounts[-1]))
            spent += max(0.0, problem.cost(amount) - paid.get(asked.config, 0.0))
            paid[asked.config] = problem.cost(amount)
            found = problem.figure({name: _plain(asked.config[name]) for name in space}, amount)
            if problem.is_enough(found):
                return spent
            facade.tell(asked, TrialValue(cost=-found, time=1.0))
    return PATIENCE


def _plain(value: Any) -> Value:
    """A value without numpy's types."""
    plain: Value = value.item() if hasattr(value, "item") else value
    return plain


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


def measured(problem: Curves, name: str, seeds: int) -> Line:
    """One search on one problem."""
    began = time.process_time()
    times = tuple(SEARCHES[name](problem, seed) for seed in range(seeds))
    return Line(name, problem.name, times, (time.process_time() - began) / seeds)


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


def together(name: str, lines: Sequence[Line]) -> Line:
    """Lines of one search as one: by seed, the mean over their problems."""
    times = tuple(map(fmean, zip(*(line.times for line in lines), strict=True)))
    return Line(lines[0].search, name, times, fmean(line.seconds for line in lines))


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
    names = [each for each in searches_here() if not options.searchers or each in options.searchers]
    sets = list(lcdb()) if LCDB.exists() else []
    lines: list[Line] = []
    for name in names:
        start = time.process_time()
        lines.append(measured(digits(), name, seeds))
        if sets:
            each = [measured(problem, name, seeds) for problem in sets]
            lines.append(together(f"lcdb, {len(sets)} sets", each))
        print(f"{name}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
    problems = list(dict.fromkeys(line.problem for line in lines))
    print(table(lines, problems, names))
