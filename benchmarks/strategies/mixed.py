"""HPOLib's four tasks: choices and ordinals mixed, 62,208 configurations each."""

from __future__ import annotations

from .campaign import Benches, Options, Plan, by_searcher, run
from .problems.networks import NETWORKS
from .regret_plot import draw, write
from .tables import heading, losses

BENCHES: Benches = NETWORKS
SEEDS = 24
OURS = ("auto", "bayesian", "of")
PEERS = ("random", "published-local-search", "optuna-tpe", "hyperopt", "optuna-gp", "smac")
PLAN = Plan("mixed", tuple(BENCHES), dict.fromkeys((*OURS, *PEERS), SEEDS))


def main(options: Options) -> None:
    """Runs it and prints a table a task."""
    known = run(PLAN, options)
    for bench in PLAN.benches:
        searches = by_searcher(known, bench)
        if not searches:
            continue
        print(heading(f"`{bench}`: regret, 1 being that of the median configuration"))
        print(losses(searches, (25, 50, 100), 5))
        runs = {name: [each.lost for each in played] for name, played in searches.items()}
        write(bench, draw(bench, runs, label="normalised regret"))
