"""Functions with a known optimum, in 2 to 50 dimensions, and two families of models with noise."""

from __future__ import annotations

from .campaign import Benches, Options, Plan
from .problems.families import machine_or_trees
from .problems.functions import FUNCTIONS
from .report import report

BENCHES: Benches = {**FUNCTIONS, "svm-or-trees": machine_or_trees}
PEERS = {"random": 50, "optuna-tpe": 50, "optuna-gp": 20, "botorch": 10}
FEW = {"optuna-gp": 5, "botorch": 5}
PLANS = (
    Plan("continuous", ("branin", "hartmann-6"), {"auto": 50, "bayesian": 50, **PEERS}),
    Plan("continuous", ("ackley-20", "levy-50"), {"of-hd": 50, "bayesian": 20, **PEERS, **FEW}),
    Plan("continuous", ("svm-or-trees",), {"auto": 50, "bayesian": 50, **PEERS, "smac": 10}),
)
QUARTERS = {"branin": (10, 20, 40), "hartmann-6": (20, 40, 80), "svm-or-trees": (15, 30, 60)}


def main(options: Options) -> None:
    """Runs it and prints a table a problem."""
    for plan in PLANS:
        report(plan, options, "regret", QUARTERS)
