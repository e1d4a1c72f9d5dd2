"""HPOLib's four tasks: choices and ordinals mixed, 62,208 configurations each."""

from __future__ import annotations

from .campaign import Benches, Options, Plan
from .problems.networks import NETWORKS
from .report import report

BENCHES: Benches = NETWORKS
SEEDS = 24
OURS = ("auto", "bayesian", "of")
PEERS = ("random", "published-local-search", "optuna-tpe", "hyperopt", "optuna-gp", "smac")
PLAN = Plan("mixed", tuple(BENCHES), dict.fromkeys((*OURS, *PEERS), SEEDS))


def main(options: Options) -> None:
    """Runs it and prints a table a task; 1 is the regret of the median configuration."""
    report(PLAN, options, "normalised regret", {}, digits=5)
