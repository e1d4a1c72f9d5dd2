"""What it costs per evaluation to have 8 or 64 trials out at once, against one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ..measure import table
from .bench import Bench, no_figures
from .campaign import Benches, Options, Plan, by_searcher, run
from .play import Played
from .problems.cells import best_cell
from .problems.functions import FUNCTIONS
from .problems.networks import network
from .report import plot
from .tables import cell, heading, mean_and_error

TRIALS = 200
WORKERS = (1, 8, 64)


def _longer(make: Callable[[], Bench], name: str) -> Bench:
    return replace(make(), name=name, trials=TRIALS, given=0, ended=no_figures)


BENCHES: Benches = {
    "out-network-protein": partial(
        _longer, partial(network, "protein_structure"), "out-network-protein"
    ),
    "out-cells": partial(_longer, partial(best_cell, "c10_val_12ep", declared=True), "out-cells"),
    "out-hartmann-6": partial(_longer, FUNCTIONS["hartmann-6"], "out-hartmann-6"),
}
SEARCHERS = {"bayesian": 6, "random": 50, "optuna-tpe": 50}
PLANS = tuple(Plan("asynchronous", tuple(BENCHES), SEARCHERS, workers) for workers in WORKERS)


def main(options: Options) -> None:
    """Runs it and prints a table a problem: the regret, and its ratio to that of one at a time."""
    found = {plan.workers: run(plan, options) for plan in PLANS}
    for bench in BENCHES:
        searches = {workers: by_searcher(known, bench) for workers, known in found.items()}
        rows = [
            row
            for searcher in searches[1]
            for row in _rows(searcher, {w: each.get(searcher, []) for w, each in searches.items()})
        ]
        if not rows:
            continue
        print(heading(f"`{bench}`: regret per evaluation, {TRIALS} evaluations"))
        head = ["searcher", "at once", "seeds", "at 100", "at 200", "times one at a time"]
        print(table([*head, "mean over 1...200", "times one at a time", "CPU s a run"], rows))
        lines = {
            f"{searcher}, {workers}": played
            for workers, here in searches.items()
            for searcher, played in here.items()
            if searcher != "random"
        }
        plot(bench, lines, options, "regret")


def _rows(searcher: str, runs: dict[int, list[Played]]) -> list[list[str]]:
    areas = {w: [_area(each) for each in played] for w, played in runs.items() if played}
    return [
        [
            searcher,
            str(workers),
            str(len(runs[workers])),
            cell([each.lost[99] for each in runs[workers]]),
            cell([each.lost[199] for each in runs[workers]]),
            _times([run.lost[199] for run in runs[workers]], [run.lost[199] for run in runs[1]]),
            cell(each),
            _times(each, areas[1]),
            f"{mean_and_error([run.cpu for run in runs[workers]])[0]:.1f}",
        ]
        for workers, each in areas.items()
    ]


def _times(these: list[float], those: list[float]) -> str:
    one = mean_and_error(those)[0]
    return f"{mean_and_error(these)[0] / one:.2f}" if one else "-"


def _area(played: Played) -> float:
    return sum(played.lost) / len(played.lost)
