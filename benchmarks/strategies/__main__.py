"""The command line: which benches, how many seeds, whose searchers."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy or torch is imported

from .campaign import Options
from .table import BENCHES, main_of


def main() -> None:
    """Runs the benches one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies")
    parser.add_argument("bench", nargs="*", metavar="BENCH", help=", ".join(BENCHES))
    parser.add_argument("--seeds", type=int, help="of a searcher at most")
    parser.add_argument("--only", nargs="+", default=[], help="problems of a bench")
    parser.add_argument("--searchers", nargs="+", default=[], help="peers, or strategies of ours")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2), help="processes at once")
    parser.add_argument("--fresh", action="store_true", help="forget ours, or --searchers")
    parser.add_argument("--redraw", action="store_true", help="show what is known, run nothing")
    given = parser.parse_args()
    names = given.bench or list(BENCHES)
    for name in names:
        if name not in BENCHES:
            parser.error(f"there is no bench {name}: {', '.join(BENCHES)}")
    options = Options(
        given.seeds,
        tuple(given.only),
        tuple(given.searchers),
        given.jobs,
        given.fresh,
        given.redraw,
    )
    for name in names:
        main_of(name)(options)


if __name__ == "__main__":
    main()
