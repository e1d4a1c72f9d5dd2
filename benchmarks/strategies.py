"""How well each strategy searches: random, Sobol and bayesian on the same problems and seeds.

    python benchmarks/strategies.py [--seeds 10] [--trials 100] [--batch 2] [--only NAME ...]

Two objectives: the share of the true front's hypervolume that is still missing. One objective:
the regret, as a share of the gap between the median and the best configuration. Less is better
in both. The tables are read from ../shared/data; without them only the synthetic problems run.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.protocol import Goal, Outcome, Problem, Reward
from omniforce.strategies.sampling import Sampler
from omniforce.strategies.table import make

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
STRATEGIES = ("random", "sobol", "bayesian")
Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Bench:
    """A problem whose best is known.

    Attributes:
        measure: the figures of a point; the generator is for noise.
        truth: the same without noise.
        lost: how far a list of noiseless figures is from the best possible, from 0.
    """

    name: str
    space: Space
    goals: tuple[Goal, ...]
    measure: Callable[[Assignment, Random], Metrics]
    truth: Callable[[Assignment], Metrics]
    lost: Callable[[Sequence[Metrics]], float]


def hypervolume(points: Sequence[tuple[float, float]]) -> float:
    """Area above (0, 0) that the points dominate; both are maximised."""
    area, height = 0.0, 0.0
    for x, y in sorted(points, reverse=True):
        if x > 0 and y > height:
            area += x * (y - height)
            height = y
    return area


def missing_volume(
    gain: str, cost: str, everything: Sequence[Metrics]
) -> Callable[[Sequence[Metrics]], float]:
    """The share of the whole front's volume that some figures miss, between worst and best."""
    low, high = (f([m[gain] for m in everything]) for f in (min, max))
    fast, slow = (f([m[cost] for m in everything]) for f in (min, max))

    def place(m: Metrics) -> tuple[float, float]:
        return (m[gain] - low) / (high - low), (slow - m[cost]) / (slow - fast)

    whole = hypervolume([place(m) for m in everything])
    return lambda figures: 1.0 - hypervolume([place(m) for m in figures]) / whole


def is_(name: str, value: Value) -> Compare:
    return Compare("==", Name(name), Literal_(value))


def convolution_or_trees() -> Bench:
    """Two families with parameters of their own, accuracy against latency, noisy latency."""
    net, trees = (is_("family", "net"),), (is_("family", "trees"),)
    space = Space(
        (
            Coordinate("family", (), Choice(("trees", "net"))),
            Coordinate("width", (), IntRange(4, 64, "log"), net),
            Coordinate("layers", (), IntRange(1, 4), net),
            Coordinate("rate", (), FloatRange(1e-4, 1.0, "log"), net),
            Coordinate("method", (), Choice(("sgd", "adam", "rmsprop")), net),
            Coordinate("momentum", (), FloatRange(0.0, 0.99), (is_("method", "sgd"),)),
            Coordinate("rounds", (), IntRange(10, 400, "log"), trees),
            Coordinate("leaves", (), IntRange(2, 64, "log"), trees),
            Coordinate("shrinkage", (), FloatRange(0.01, 1.0, "log"), trees),
        )
    )

    def truth(p: Assignment) -> Metrics:
        if p["family"] == "net":
            size = math.log2(float(p["width"])) * float(p["layers"]) ** 0.5
            best = {"sgd": -1.0, "adam": -2.6, "rmsprop": -2.9}[str(p["method"])]
            best -= 0.6 * float(p.get("momentum", 0.0))
            off = math.log10(float(p["rate"])) - best
            accuracy = 0.985 - 0.35 * math.exp(-0.55 * size) - 0.25 * (1 - math.exp(-(off**2)))
            seconds = 2e-5 * float(p["width"]) ** 1.3 * float(p["layers"])
        else:
            work = float(p["rounds"]) * float(p["shrinkage"])
            off = math.log(work / 12.0)
            accuracy = 0.955 - 0.02 * off**2 / (1 + 0.1 * off**2)
            accuracy -= 0.1 * (math.log2(float(p["leaves"])) / 6 - 0.6) ** 2
            seconds = 6e-6 * float(p["rounds"]) * (1 + math.log2(float(p["leaves"])) / 3)
        return {"accuracy": accuracy, "latency": seconds}

    def measure(p: Assignment, noise: Random) -> Metrics:
        figures = truth(p)
        return {
            "accuracy": figures["accuracy"] + noise.gauss(0, 0.003),
            "latency": figures["latency"] * math.exp(noise.gauss(0, 0.05)),
        }

    return two_objectives("two-families", space, measure, truth)


def deep_or_wide() -> Bench:
    """A counted array beside a second family, and a constraint-free choice of activation."""
    deep, wide = (is_("kind", "deep"),), (is_("kind", "wide"),)

    def at_least(depth: int) -> tuple[Compare, ...]:
        return (Compare(">=", Name("depth"), Literal_(depth)),)

    space = Space(
        (
            Coordinate("kind", (), Choice(("deep", "wide"))),
            Coordinate("depth", (), IntRange(1, 4), deep),
            *(
                Coordinate("units", (at,), Choice((8, 16, 32, 64), ordered=True), at_least(at + 1))
                for at in range(4)
            ),
            Coordinate("features", (), IntRange(64, 4096, "log"), wide),
            Coordinate("ridge", (), FloatRange(1e-6, 1e2, "log"), wide),
            Coordinate("activation", (), Choice(("relu", "tanh", "gelu", "none"))),
            Coordinate("noise", (), FloatRange(0.0, 0.5)),
        )
    )
    bonus = {"relu": 0.0, "gelu": 0.01, "tanh": -0.02, "none": -0.12}

    def truth(p: Assignment) -> Metrics:
        if p["kind"] == "deep":
            units = [float(p[f"units[{at}]"]) for at in range(int(p["depth"]))]
            power = sum(math.log2(u) - 2 for u in units) / 6
            taper = sum(max(b - a, 0.0) / 64 for a, b in pairwise(units))
            accuracy = 0.97 - 0.3 * math.exp(-1.4 * power) - 0.04 * taper
            operations = sum(a * b for a, b in zip([64.0, *units], units, strict=False))
        else:
            accuracy = 0.93 - 0.25 * math.exp(-float(p["features"]) / 500)
            accuracy -= 0.015 * abs(math.log10(float(p["ridge"])) + 1)
            operations = 70 * float(p["features"])
        accuracy += bonus[str(p["activation"])] - (float(p["noise"]) - 0.15) ** 2
        return {"accuracy": accuracy, "latency": 1e-4 + 3e-8 * operations}

    return two_objectives("counted-array", space, lambda p, _: truth(p), truth)


def two_objectives(
    name: str,
    space: Space,
    measure: Callable[[Assignment, Random], Metrics],
    truth: Callable[[Assignment], Metrics],
) -> Bench:
    sampler, generator = Sampler.of(space), Random(0)
    everything = [truth(p) for p in sampler.many(100_000, generator)]
    goals = (Goal("accuracy", "maximize"), Goal("latency", "minimize"))
    return Bench(
        name, space, goals, measure, truth, missing_volume("accuracy", "latency", everything)
    )


def cells(device: str) -> Bench:
    """NAS-Bench-201: accuracy of a cell against its latency on a device."""
    rows = read(
        f"select op0, op1, op2, op3, op4, op5, c10_val_200ep, {device}_ms "
        f"from '{DATA}/nasbench201/nasbench201.parquet' n "
        f"join '{DATA}/nasbench201_hw/latency.parquet' h on n.index = h.index"
    )
    table = {r[:6]: {"accuracy": float(r[6]), "latency": float(r[7]) / 1e3} for r in rows}
    operations = Choice(tuple(sorted({r[0] for r in rows})))
    space = Space(tuple(Coordinate("edge", (at,), operations) for at in range(6)))

    def truth(p: Assignment) -> Metrics:
        return table[tuple(p[f"edge[{at}]"] for at in range(6))]

    goals = (Goal("accuracy", "maximize"), Goal("latency", "minimize"))
    lost = missing_volume("accuracy", "latency", list(table.values()))
    return Bench(f"cells-{device}", space, goals, lambda p, _: truth(p), truth, lost)


def network(task: str) -> Bench:
    """HPOLib's fully connected networks: mean validation error over four seeds."""
    names = (
        "activation_fn_1", "activation_fn_2", "batch_size", "dropout_1", "dropout_2", "init_lr",
        "lr_schedule", "n_units_1", "n_units_2",
    )  # fmt: skip
    loss = "(val_loss_s0 + val_loss_s1 + val_loss_s2 + val_loss_s3) / 4"
    rows = read(f"select {', '.join(names)}, {loss} from '{DATA}/hpolib_fcnet/{task}.parquet'")
    table = {r[:-1]: {"loss": float(r[-1])} for r in rows}
    values = [tuple(sorted({key[at] for key in table})) for at in range(len(names))]
    space = Space(
        tuple(
            Coordinate(name, (), Choice(each, ordered=not isinstance(each[0], str)))
            for name, each in zip(names, values, strict=True)
        )
    )
    losses = sorted(m["loss"] for m in table.values())
    best, median = losses[0], losses[len(losses) // 2]

    def truth(p: Assignment) -> Metrics:
        return table[tuple(p[name] for name in names)]

    def lost(figures: Sequence[Metrics]) -> float:
        return (min(m["loss"] for m in figures) - best) / (median - best)

    return Bench(
        f"network-{task.split('_')[0]}", space, (Goal("loss", "minimize"),),
        lambda p, _: truth(p), truth, lost,
    )  # fmt: skip


def read(query: str) -> list[tuple[Value, ...]]:
    import duckdb

    return duckdb.sql(query).fetchall()


def run(
    bench: Bench, strategy: str, seed: int, trials: int, batch: int
) -> tuple[list[float], float]:
    """What is lost after a quarter, a half and all of the trials; CPU seconds of the strategy."""
    problem = Problem(bench.space, bench.goals, seed, trials)
    bound = make(StrategyChoice(strategy)).bind_space(problem)
    noise = Random(f"{seed}/noise")
    rewards: list[Reward] = []
    spent = 0.0
    while len(rewards) < trials:
        start = time.process_time()
        points = bound.handle_rewards(rewards).generate_tasks(min(batch, trials - len(rewards)))
        spent += time.process_time() - start
        rewards += [
            Reward(len(rewards) + at, p, Outcome.COMPLETED, bench.measure(p, noise))
            for at, p in enumerate(points)
        ]
    figures = [bench.truth(reward.point) for reward in rewards]
    return [bench.lost(figures[:n]) for n in (trials // 4, trials // 2, trials)], spent


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / max(len(values) - 1, 1))
    return mean, spread / math.sqrt(len(values))


BENCHES: dict[str, Callable[[], Bench]] = {
    "two-families": convolution_or_trees,
    "counted-array": deep_or_wide,
    "cells-raspi4": lambda: cells("raspi4"),
    "network-protein": lambda: network("protein_structure"),
    "network-slice": lambda: network("slice_localization"),
    "network-naval": lambda: network("naval_propulsion"),
    "network-parkinsons": lambda: network("parkinsons_telemonitoring"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=sorted(BENCHES))
    parser.add_argument("--strategies", nargs="*", default=list(STRATEGIES))
    options = parser.parse_args()
    tabled = DATA.exists()
    names = options.only or [n for n in BENCHES if tabled or n in ("two-families", "counted-array")]
    quarters = [options.trials // 4, options.trials // 2, options.trials]
    print(f"{options.seeds} seeds, {options.batch} at once; lost after n trials, mean ± error")
    print("| problem | strategy | " + " | ".join(f"{n}" for n in quarters) + " | CPU s a run |")
    print("|---|---|" + "---|" * 4)
    for name in names:
        bench = BENCHES[name]()
        for strategy in options.strategies:
            runs = [
                run(bench, strategy, seed, options.trials, options.batch)
                for seed in range(options.seeds)
            ]
            lost = [mean_and_error([r[0][at] for r in runs]) for at in range(3)]
            cells_ = " | ".join(f"{mean:.4f} ± {error:.4f}" for mean, error in lost)
            spent = sum(r[1] for r in runs) / len(runs)
            print(f"| {bench.name} | {strategy} | {cells_} | {spent:.1f} |", flush=True)


if __name__ == "__main__":
    main()
