"""The strategies on the real example: whole `ofc run`s of digits-edge, seed by seed, in turn.

The figure is the hypervolume under the Pareto front of accuracy and p95 latency (on a log scale),
after half of the trials and after all: 1 would be a perfect network that takes no time. The best
is the most accurate network that keeps the requirement.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import machine, table

EXAMPLE = Path(__file__).parent.parent / "examples" / "digits-edge" / "omniforce.yaml"
STRATEGIES, SEEDS, TRIALS = ("random", "sobol", "bayesian"), 8, 48
LEAST_ACCURACY, FASTEST, SLOWEST, LARGEST = 0.9, 3e-6, 3e-5, 256 * 1024


def _points(strategy: str, seed: int) -> list[tuple[float, float]]:
    """Accuracy and latency of each trial, in order; the ones that are too large as None."""
    text = EXAMPLE.read_text().replace("strategy: auto", f"strategy: {strategy}")
    text = text.replace("seed: 1\n", f"seed: {seed}\n")
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "omniforce.yaml").write_text(text)
        run = [ofc, "run", "--no-serve", "-p", f"trials={TRIALS}"]
        subprocess.run(run, cwd=folder, check=True, capture_output=True)
        listed = subprocess.run(
            [ofc, "trials", "-o", "json"], cwd=folder, check=True, capture_output=True
        )
    points = []
    for trial in json.loads(listed.stdout)["trials"]:
        figures = trial["metrics"]
        kept = figures.get("size@server", math.inf) <= LARGEST
        points.append((figures["accuracy"], figures["latency.p95@server"]) if kept else (0.0, 1.0))
    return points


def _hypervolume(points: list[tuple[float, float]]) -> float:
    """Share of the unit square that is dominated, from the corner of what is not worth having."""
    scaled = sorted(
        (
            (SLOWEST_LOG - math.log(max(latency, FASTEST))) / (SLOWEST_LOG - math.log(FASTEST)),
            (accuracy - LEAST_ACCURACY) / (1 - LEAST_ACCURACY),
        )
        for accuracy, latency in points
        if accuracy > LEAST_ACCURACY and latency < SLOWEST
    )
    area, height = 0.0, 0.0
    for x, y in reversed(scaled):
        if y > height:
            area, height = area + x * (y - height), y
    return area


SLOWEST_LOG = math.log(SLOWEST)


def main() -> None:
    """Prints the table."""
    found: dict[str, list[tuple[float, float, float, float]]] = {s: [] for s in STRATEGIES}
    for seed in range(SEEDS):
        for strategy in STRATEGIES:
            began = time.perf_counter()
            points = _points(strategy, seed)
            took = time.perf_counter() - began
            half, whole = _hypervolume(points[: TRIALS // 2]), _hypervolume(points)
            found[strategy].append((half, whole, max(a for a, _ in points), took))
            print(strategy, seed, f"{half:.3f} {whole:.3f}", file=sys.stderr)
    print(f"{machine()}; {SEEDS} seeds, {TRIALS} trials each; mean and standard error\n")
    rows = [
        (strategy, *(_mean(column) for column in zip(*runs, strict=True)))
        for strategy, runs in found.items()
    ]
    head = (
        "strategy",
        f"hypervolume at {TRIALS // 2}",
        f"hypervolume at {TRIALS}",
        "best accuracy",
        "wall s a run",
    )
    print(table(head, rows))


def _mean(values: tuple[float, ...]) -> str:
    error = statistics.stdev(values) / math.sqrt(len(values))
    return f"{statistics.mean(values):.3f} ± {error:.3f}"


if __name__ == "__main__":
    main()
