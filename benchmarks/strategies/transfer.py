"""What past studies save: LCBench, leaving one data set out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import partial

from ..measure import table
from .campaign import Benches, Options, Plan, run
from .play import Played
from .problems.lcbench import accuracies, bench_name, task
from .problems.stored import DATA
from .results import Entry
from .tables import cell, heading, mean_and_error

TASKS = tuple(accuracies()) if DATA.exists() else ()
BENCHES: Benches = {
    bench_name(name, warm=warm): partial(task, name, warm=warm)
    for name in TASKS
    for warm in (False, True)
}
SEEDS = 2
COLD = Plan(
    "transfer",
    tuple(bench_name(name, warm=False) for name in TASKS),
    {"bayesian": SEEDS, "of-trans": SEEDS, "random": 10, "optuna-tpe": 10},
)
WARM = Plan(
    "transfer",
    tuple(bench_name(name, warm=True) for name in TASKS),
    {"of-trans": SEEDS, "auto": SEEDS},
)
REFERENCE = "bayesian"


def main(options: Options) -> None:
    """Runs it and prints one table over all data sets."""
    known = run(COLD, options) | run(WARM, options)
    bars = {name: _bar(known, name) for name in TASKS}
    rows = []
    for plan, warm in ((COLD, False), (WARM, True)):
        for searcher in dict.fromkeys(entry.searcher for entry in known):
            if searcher not in plan.searchers and searcher not in options.searchers:
                continue
            row = _row(known, bars, searcher, warm=warm)
            if row:
                rows.append([searcher, "10 studies" if warm else "none", *row])
    if not rows:
        return
    print(heading(f"LCBench, leave one out, {len(TASKS)} data sets, 50 evaluations"))
    print(f"The bar of a data set is the median at 50 of cold `{REFERENCE}`.\n")
    head = ["searcher", "past", "searches", "evaluations to the bar, median", "reached"]
    print(table([*head, "mean of reached or 51", "gap at 10", "gap at 50", "CPU s a run"], rows))


def _bar(known: dict[Entry, Played], name: str) -> float | None:
    runs = _runs(known, bench_name(name, warm=False), REFERENCE)
    return statistics.median(each.lost[-1] for each in runs) if runs else None


def _row(
    known: dict[Entry, Played], bars: dict[str, float | None], searcher: str, *, warm: bool
) -> list[str]:
    reached, runs = list[int](), list[Played]()
    for name, bar in bars.items():
        here = _runs(known, bench_name(name, warm=warm), searcher)
        if bar is None or not here:
            continue
        reached += [_reached(each.lost, bar) for each in here]
        runs += here
    if not runs:
        return []
    share = sum(n <= len(runs[0].lost) for n in reached) / len(reached)
    return [
        str(len(runs)),
        f"{statistics.median(reached):.0f}",
        f"{100 * share:.0f} %",
        cell([float(n) for n in reached], 1),
        cell([each.lost[9] for each in runs], 2),
        cell([each.lost[-1] for each in runs], 2),
        f"{mean_and_error([each.cpu for each in runs])[0]:.1f}",
    ]


def _runs(known: dict[Entry, Played], bench: str, searcher: str) -> list[Played]:
    return [p for entry, p in known.items() if (entry.bench, entry.searcher) == (bench, searcher)]


def _reached(lost: Sequence[float], bar: float) -> int:
    """The evaluation at which the bar is reached; one more than there are where it never is."""
    return next((at for at, each in enumerate(lost, 1) if each <= bar), len(lost) + 1)
