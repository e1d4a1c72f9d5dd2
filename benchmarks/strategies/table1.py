"""The paper's Table 1: how often, and how soon, the best of 15,625 cells is found.

The protocol is that of ../shared/data/README.md: 12 random points, the same ones for all
searchers of a seed, then 80 more; repeats count.
"""

from __future__ import annotations

from functools import partial

from ..measure import table
from .campaign import Benches, Options, Plan, by_searcher, run
from .play import Played
from .problems.cells import LONG, best_cell
from .report import plot
from .tables import cell, heading, mean_and_error

OBJECTIVES = ("c10_val_12ep", "c10_val_200ep", "c100_val_12ep", "in16_val_12ep")
BENCHES: Benches = {
    bench: partial(best_cell, objective, declared=declared)
    for objective in OBJECTIVES
    for declared in (True, False)
    for bench in [f"table1-{objective}{'' if declared else '-undeclared'}"]
}
CHEAP = {
    "random": 200,
    "published-evolution": 200,
    "published-local-search": 200,
    "local-search": 100,
    "optuna-tpe": 50,
    "hyperopt": 50,
}
DEAR = {"optuna-gp": 50, "smac": 20, "botorch": 10}
PLANS = (
    Plan("table1", ("table1-c10_val_12ep",), {"of": 100, "bayesian": 50, **CHEAP, **DEAR}),
    Plan("table1", ("table1-c10_val_12ep-undeclared",), {"of": 100}),
    Plan("table1", tuple(f"table1-{each}" for each in OBJECTIVES[1:]), {"of": 50, **CHEAP}),
    Plan("table1", tuple(f"table1-{each}-undeclared" for each in OBJECTIVES[1:]), {"of": 50}),
)


def main(options: Options) -> None:
    """Runs it and prints a table an objective."""
    for plan in PLANS:
        known = run(plan, options)
        for bench in plan.benches:
            searches = by_searcher(known, bench)
            if not searches:
                continue
            print(heading(f"`{bench}`: 12 random cells, then 80 more"))
            print(_table(searches))
            plot(bench, searches, options, "gap in % points", first=12)


def _table(searches: dict[str, list[Played]]) -> str:
    head = ["searcher", "seeds", "found at 50", "found at 92"]
    head += ["C10 val / test", "C100 val / test", "IN16 val / test", "CPU s a run"]
    rows = [
        [
            name,
            str(len(played)),
            *(_share([each.ended[f"found at {n}"] for each in played]) for n in (50, 92)),
            *(_pair(played, LONG[at : at + 2]) for at in (0, 2, 4)),
            f"{mean_and_error([each.cpu for each in played])[0]:.1f}",
        ]
        for name, played in searches.items()
    ]
    return table(head, rows)


def _pair(played: list[Played], names: tuple[str, ...]) -> str:
    return " / ".join(cell([each.ended[name] for each in played], 2) for name in names)


def _share(values: list[float]) -> str:
    mean, error = mean_and_error(values)
    return f"{100 * mean:.0f} ± {100 * error:.0f} %"
