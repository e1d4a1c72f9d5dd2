"""Accuracy against latency: cells on five devices, and two made-up trade-offs with conditions."""

from __future__ import annotations

from functools import partial

from .campaign import Benches, Options, Plan, by_searcher, run
from .problems.cells import with_device
from .problems.trade_offs import deep_or_wide, network_or_trees
from .regret_plot import draw, write
from .tables import heading, losses

DEVICES = ("raspi4", "pixel3", "eyeriss", "fpga", "gold_6226")
BENCHES: Benches = {
    **{f"cells-{device}": partial(with_device, device) for device in DEVICES},
    "two-families": network_or_trees,
    "counted-array": deep_or_wide,
}
SEARCHERS = {"bayesian": 50, "of": 20, "random": 50, "optuna-tpe": 50, "optuna-nsga2": 50}
PLANS = (
    Plan("objectives", tuple(f"cells-{each}" for each in DEVICES), {**SEARCHERS, "botorch": 6}),
    Plan("objectives", ("two-families", "counted-array"), SEARCHERS),
)


def main(options: Options) -> None:
    """Runs it and prints a table a problem."""
    for plan in PLANS:
        known = run(plan, options)
        for bench in plan.benches:
            searches = by_searcher(known, bench)
            if not searches:
                continue
            print(heading(f"`{bench}`: missing share of the hypervolume"))
            print(losses(searches, (25, 50, 100)))
            runs = {name: [each.lost for each in played] for name, played in searches.items()}
            write(bench, draw(bench, runs, label="missing hypervolume"))
