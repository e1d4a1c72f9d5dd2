"""What each ingredient of OF adds: one left out or replaced at a time, the rest as it is."""

from __future__ import annotations

from ..measure import table
from .campaign import Benches, Options, Plan, by_searcher, run
from .mixed import BENCHES as NETWORKS
from .play import Played
from .table1 import BENCHES as CELLS
from .tables import cell, heading, mean_and_error

VARIANTS = {
    "of": "OF as it is",
    "of:surrogate.structure=false": "without the declared cells",
    "of-plain-figures": "figures only standardised, no warp",
    "of-ranked-figures": "ranks made normal in the warp's place",
    "of:surrogate.relevance=false": "one weight for all variables (no ARD)",
    "of:surrogate.every=1": "a fit at every trial",
    "of:surrogate.every=10": "a fit at every tenth trial",
    "of:acquisition=ei": "EI in log EI's place",
    "of:acquisition=lcb": "a confidence bound in its place",
    "of:optimizer=local-search": "a pool and its neighbours, not every point",
    "bayesian:surrogate=gp,optimizer=exhaustive": "our Gaussian process in OF's place",
}
"""How a variant is written, and what it is."""

FOUND = ("table1-c10_val_12ep", "table1-in16_val_12ep")
TASK = "network-protein"
BENCHES: Benches = {name: CELLS[name] for name in FOUND} | {TASK: NETWORKS[TASK]}
SEEDS = 50
PLAN = Plan("ablation", tuple(BENCHES), dict.fromkeys(VARIANTS, SEEDS))


def main(options: Options) -> None:
    """Runs it and prints a table of all variants."""
    known = run(PLAN, options)
    searches = {bench: by_searcher(known, bench) for bench in PLAN.benches}
    head = ["variant", *(f"{each[7:]}, found at {n}" for each in FOUND for n in (50, 92))]
    head += [f"{TASK}, regret at {n}" for n in (25, 50, 100)]
    rows = [
        [VARIANTS[name], *_found(searches, name), *_regrets(searches[TASK].get(name, []))]
        for name in VARIANTS
        if any(name in each for each in searches.values())
    ]
    print(heading("`ablation`: OF with one thing changed"))
    print(table(head, rows))


def _found(searches: dict[str, dict[str, list[Played]]], name: str) -> list[str]:
    return [
        _share([each.ended[f"found at {n}"] for each in searches[bench].get(name, [])])
        for bench in FOUND
        for n in (50, 92)
    ]


def _regrets(played: list[Played]) -> list[str]:
    return [
        cell([each.lost[n - 1] for each in played], 5) if played else "-" for n in (25, 50, 100)
    ]


def _share(found: list[float]) -> str:
    if not found:
        return "-"
    mean, error = mean_and_error(found)
    return f"{100 * mean:.0f} ± {100 * error:.0f} %"
