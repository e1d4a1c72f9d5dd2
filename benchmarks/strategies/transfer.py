"""What past studies save, and what they cost where they mislead: LCBench, leaving one out.

A warm search is held against the cold one of the same model on the same data sets, by the mean
gap: after how many evaluations it is where the cold search is after 50 (or after however many).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median

from ..measure import table
from .campaign import Benches, Options, Plan, run
from .play import Played
from .problems.lcbench import PASTS, accuracies, bench_name, task
from .problems.stored import DATA
from .results import Entry
from .tables import cell, heading, mean_and_error

TASKS = tuple(accuracies()) if DATA.exists() else ()
BENCHES: Benches = {
    bench_name(name, past): partial(task, name, past) for name in TASKS for past in PASTS
}
SEEDS = 2
REFERENCE = "bayesian"
TRIALS = 50
AT = (3, 5, 10, 15, 25, 50)


def _plan(past: str, searchers: Sequence[str], seeds: int = SEEDS) -> Plan:
    benches = tuple(bench_name(name, past) for name in TASKS)
    return Plan("transfer", benches, dict.fromkeys(searchers, seeds))


PLANS = (
    ("none", _plan("none", (REFERENCE, "random", "optuna-tpe"))),
    ("alike", _plan("alike", ("of-trans", "random"))),
    ("opposite", _plan("opposite", ("of-trans",))),
    ("shuffled", _plan("shuffled", ("of-trans",))),
)


def main(options: Options) -> None:
    """Runs it and prints one table over all data sets."""
    cold: tuple[float, ...] = ()
    rows = []
    for past, plan in PLANS:
        known = run(plan, options)
        for searcher in dict.fromkeys(entry.searcher for entry in known):
            runs = _runs(known, searcher)
            curve = _mean(runs)
            if (past, searcher) == ("none", REFERENCE):
                cold = curve
            rows.append([searcher, past, *_row(runs, curve, cold)])
    if not rows:
        return
    print(heading(f"LCBench, leave one out, {len(TASKS)} data sets, {TRIALS} evaluations"))
    print("The gap to the best row, 1 being that of the data set's median row.\n")
    head = ["searcher", "past", "searches", *(f"gap at {n}" for n in AT)]
    reached = f"is where cold `{REFERENCE}` is at 50 after"
    print(table([*head, "median gap at 25", reached, "CPU s a run"], rows))


def _row(
    runs: Sequence[tuple[str, Played]], curve: Sequence[float], cold: Sequence[float]
) -> list[str]:
    gaps = [_gaps(name, played) for name, played in runs]
    after = next((n for n, gap in enumerate(curve, 1) if cold and gap <= cold[-1]), None)
    return [
        str(len(runs)),
        *(cell([gap[n - 1] for gap in gaps], 3) for n in AT),
        f"{median(gap[24] for gap in gaps):.3f}",
        "never" if after is None else str(after),
        f"{mean_and_error([played.cpu for _, played in runs])[0]:.1f}",
    ]


def _runs(known: Mapping[Entry, Played], searcher: str) -> list[tuple[str, Played]]:
    """With the data set of each."""
    names = {bench_name(name, past): name for name in TASKS for past in PASTS}
    return [(names[e.bench], p) for e, p in known.items() if e.searcher == searcher]


def _mean(runs: Sequence[tuple[str, Played]]) -> tuple[float, ...]:
    gaps = [_gaps(name, played) for name, played in runs]
    return tuple(sum(at) / len(at) for at in zip(*gaps, strict=True))


def _gaps(name: str, played: Played) -> tuple[float, ...]:
    """Data sets differ in how much there is to gain, so each gap is in units of the median's."""
    found = accuracies()[name]
    scale = 100.0 * (max(found) - median(found)) or 1.0
    return tuple(lost / scale for lost in played.lost)
