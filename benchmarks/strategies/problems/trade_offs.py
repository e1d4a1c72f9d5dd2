"""Two made-up trade-offs of accuracy against latency, with conditions; one with noise."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, FloatRange, IntRange, Space
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import Goal

from ..bench import Bench, Metrics, Noisy, True_, noiseless
from ..front import missing_volume


def _is(name: str, value: Value) -> Compare:
    return Compare("==", Name(name), Literal_(value))


def network_or_trees() -> Bench:
    """Two families with parameters of their own, accuracy against latency, noisy latency."""
    net, trees = (_is("family", "net"),), (_is("family", "trees"),)
    space = Space(
        (
            Coordinate("family", (), Choice(("trees", "net"))),
            Coordinate("width", (), IntRange(4, 64, "log"), net),
            Coordinate("layers", (), IntRange(1, 4), net),
            Coordinate("rate", (), FloatRange(1e-4, 1.0, "log"), net),
            Coordinate("method", (), Choice(("sgd", "adam", "rmsprop")), net),
            Coordinate("momentum", (), FloatRange(0.0, 0.99), (_is("method", "sgd"),)),
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

    return _two_objectives("two-families", space, measure, truth)


def deep_or_wide() -> Bench:
    """A counted array beside a second family, and a constraint-free choice of activation."""
    deep, wide = (_is("kind", "deep"),), (_is("kind", "wide"),)

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

    return _two_objectives("counted-array", space, noiseless(truth), truth)


def _two_objectives(
    name: str,
    space: Space,
    measure: Noisy,
    truth: True_,
) -> Bench:
    """The best that there is, as far as 100,000 random points show."""
    sampler, generator = Sampler.of(space), Random(0)
    everything = [truth(p) for p in sampler.many(100_000, generator)]
    goals = (Goal("accuracy", "maximize"), Goal("latency", "minimize"))
    lost = missing_volume("accuracy", "latency", everything)
    return Bench(name, space, goals, 100, measure, truth, lost)
