"""The paper's Figure 9: what is found though workers die, on a simulated clock.

    python benchmarks/faults.py [--seeds 12] [--survivors 160]

A share of the trials loses its worker somewhere in its training, every second one in silence, so
that only its lease tells. Nothing is tried again. Each study goes on until the same number of
trials has come through; then the best of them by validation is asked for its test accuracy.
"""

from __future__ import annotations

import argparse
import math
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from cells import LONG, Cells, spec
from measure import machine, table
from scaling import STRATEGIES
from simulated_cluster import Cluster, Done, program_of

KILLED = (0.0, 0.25, 0.5, 0.75)
WORKERS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """One study: test accuracy in percent, trials that came through and that did not, hours."""

    test: float
    survived: int
    died: int
    hours: float


def one(strategy: str, killed: float, seed: int, survivors: int) -> Outcome:
    """One study until so many trials have come through."""
    cells = Cells.read()
    options, epochs = STRATEGIES[strategy]
    most = 10 * survivors  # not what ends a study: a quarter survives where the most die
    program = program_of(spec(options, WORKERS, most, seed, epochs=epochs))
    cluster = Cluster(
        program, WORKERS, cells.train, lambda done: len(done) >= survivors, killed, seed
    )
    cluster.run()

    def rank(done: Done) -> tuple[bool, float]:
        return float(done.point.get("epochs", LONG)) >= LONG, done.metrics["accuracy"]

    best = max(cluster.done, key=rank)
    return Outcome(cells.test(best.point), len(cluster.done), cluster.dead, cluster.now / 3600)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--survivors", type=int, default=160)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    jobs = [
        (name, killed, seed, options.survivors)
        for name in STRATEGIES
        for killed in KILLED
        for seed in range(options.seeds)
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        outcomes = dict(zip(jobs, pool.map(one, *zip(*jobs, strict=True)), strict=True))
    print(f"{machine()}; {WORKERS} workers, {options.seeds} seeds, mean and standard error\n")
    head = ("strategy", "killed", "survived", "died", "test accuracy", "off", "errors off", "hours")
    rows = list[tuple[str, ...]]()
    for name in STRATEGIES:
        base, slack = 0.0, 0.0
        for killed in KILLED:
            runs = [outcomes[name, killed, s, options.survivors] for s in range(options.seeds)]
            tests = [run.test for run in runs]
            mean = statistics.fmean(tests)
            error = statistics.stdev(tests) / math.sqrt(len(tests)) if len(tests) > 1 else 0.0
            if not killed:
                base, slack = mean, error
            # of a difference of two means
            both = math.hypot(error, slack)
            off = f"{(mean - base) / both:+.2f}" if killed and both else "-"
            row = (
                name,
                f"{100 * killed:.0f} %",
                f"{statistics.fmean(run.survived for run in runs):.0f}",
                f"{statistics.fmean(run.died for run in runs):.0f}",
                f"{mean:.3f} ± {error:.3f}",
                f"{mean - base:+.3f}",
                off,
                f"{statistics.fmean(run.hours for run in runs):.1f}",
            )
            rows.append(row)
    print(table(head, rows))


if __name__ == "__main__":
    main()
