"""Accuracy against latency: cells on five devices, and two made-up trade-offs with conditions."""

from __future__ import annotations

from functools import partial

from .campaign import Benches, Options, Plan
from .problems.cells import with_device
from .problems.trade_offs import deep_or_wide, network_or_trees
from .report import report

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
        report(plan, options, "missing share of the hypervolume", {})
