"""The paper's Figure 8: how soon more workers find good networks, on a simulated clock.

    python benchmarks/scaling.py [--seeds 6] [--workers 4 16 64 256]

Trials take as long as NAS-Bench-201's table says (200 epochs of CIFAR-10, half an hour in the
mean) and report its validation accuracy; what is reached is the test accuracy of the best cell by
validation so far. Hyperband gives 12 or 200 epochs, the two budgets that the table has. Engine,
strategies and store (SQLite) are the real ones; their CPU time is taken as it is, and set against
the simulated time.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from cells import LONG, Cells, spec
from measure import machine, table
from simulated_cluster import Cluster, Done, program_of

GOALS = (90.0, 93.0, 94.0)
MOST = 1000  # trials after which a run is given up, or a dozen rounds
STRATEGIES = {
    "evolution": ("evolution", False),
    "hyperband": ("{name: hyperband, options: {fidelity: epochs, eta: 16}}", True),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: hours until each goal, None where it was not reached; CPU and simulated seconds."""

    hours: tuple[float | None, ...]
    controller: float
    reports: float
    simulated: float
    trials: int
    utilised: float


class Reached:
    """Follows the best cell by validation, and when its test accuracy came up to each goal."""

    def __init__(self, cells: Cells) -> None:
        self.cells, self.best, self.hours = cells, -1.0, list[float | None]([None] * len(GOALS))

    def __call__(self, done: list[Done]) -> bool:
        """Whether the last goal is reached."""
        last = done[-1]
        if float(last.point.get("epochs", LONG)) < LONG or last.metrics["accuracy"] <= self.best:
            return False
        self.best, test = last.metrics["accuracy"], self.cells.test(last.point)
        for place, goal in enumerate(GOALS):
            if self.hours[place] is None and test >= goal:
                self.hours[place] = last.at / 3600
        return self.hours[-1] is not None


def one(strategy: str, workers: int, seed: int) -> Outcome:
    """One study until its last goal."""
    cells = Cells.read()
    reached = Reached(cells)
    options, epochs = STRATEGIES[strategy]
    program = program_of(spec(options, workers, max(MOST, 12 * workers), seed, epochs=epochs))
    cluster = Cluster(program, workers, cells.train, reached, seed=seed)
    cluster.run()
    return Outcome(
        tuple(reached.hours), cluster.controller, cluster.reports, cluster.now,
        len(cluster.done), cluster.busy / (workers * max(cluster.now, 1.0)),
    )  # fmt: skip


def show(values: Sequence[float | None]) -> str:
    """Mean and standard error; how many runs did not come there."""
    told = [value for value in values if value is not None]
    if not told:
        return "never"
    error = statistics.stdev(told) / math.sqrt(len(told)) if len(told) > 1 else 0.0
    missing = f", {len(values) - len(told)} never" if len(told) < len(values) else ""
    return f"{statistics.fmean(told):.2f} ± {error:.2f}{missing}"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--workers", type=int, nargs="*", default=[4, 16, 64, 256])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    jobs = [
        (name, workers, seed)
        for name in STRATEGIES
        for workers in options.workers
        for seed in range(options.seeds)
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        outcomes = dict(zip(jobs, pool.map(one, *zip(*jobs, strict=True)), strict=True))
    print(f"{machine()}; {options.seeds} seeds, mean and standard error\n")
    head = ["strategy", "workers", *(f"hours to {goal:g} %" for goal in GOALS)]
    head += ["trials", "workers busy", "controller CPU s", "of the time"]
    rows = list[list[str]]()
    rates = dict[tuple[str, int], float]()
    for name in STRATEGIES:
        for workers in options.workers:
            runs = [outcomes[name, workers, seed] for seed in range(options.seeds)]
            mean = statistics.fmean
            spent = [run.controller + run.reports for run in runs]
            share = sum(spent) / sum(run.simulated for run in runs)
            rates[name, workers] = mean(run.trials * 3600 / run.simulated for run in runs)
            row = [name, str(workers)]
            row += [show([run.hours[place] for run in runs]) for place in range(len(GOALS))]
            row += [f"{mean(run.trials for run in runs):.0f}"]
            row += [f"{100 * mean(run.utilised for run in runs):.0f} %"]
            row += [f"{mean(spent):.2f}", f"{100 * share:.4f} %"]
            rows.append(row)
    print(table(head, rows))
    for name in STRATEGIES:
        for few, many in zip(options.workers, options.workers[1:], strict=False):
            hours = [
                (outcomes[name, few, seed].hours[-1], outcomes[name, many, seed].hours[-1])
                for seed in range(options.seeds)
            ]
            came = [(a, b) for a, b in hours if a is not None and b is not None]
            sooner = sum(a for a, _ in came) / sum(b for _, b in came)
            more = rates[name, many] / rates[name, few]
            print(
                f"\n{name}, {many} workers against {few}: {GOALS[-1]:g} % {sooner:.2f} times as"
                f" soon ({len(came)} seeds came there with both), {more:.2f} times as many trials"
                " an hour"
            )


if __name__ == "__main__":
    main()
