"""Two families of real models, each with parameters of its own: a support vector machine or trees.

They tell whether a handwritten digit is odd. Every configuration was trained once on each of five
splits of scikit-learn's own digits. A trial sees one split, drawn anew; the truth is their mean.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random
from typing import Any

from omniforce.spec.expression.tree import Compare, Literal_, Name, Value
from omniforce.spec.space import Assignment, Choice, Coordinate, Space
from omniforce.strategies.protocol import Goal

from ..bench import Bench, Metrics, regret
from ..results import FOLDER

SPLITS = 5
TRAINED_ON = 600
TESTED_ON = 600
KEPT = FOLDER / "families.json"

PENALTIES = tuple(float(f"{10 ** (power / 2):.4g}") for power in range(-4, 9))
WIDTHS = tuple(float(f"{10 ** (power / 2):.4g}") for power in range(-10, 1))
DEGREES = (2, 3, 4)
RATES = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
LEAVES = (3, 5, 8, 16, 31)
SHRINKAGES = (0.0, 0.1, 1.0, 10.0)
ROUNDS = (10, 20, 50, 100, 200)

Key = tuple[Value, ...]


def machine_or_trees() -> Bench:
    """60 noisy trials; lost is how far the one that looked best is above the least error."""
    table = errors()
    truths = {key: sum(each) / len(each) for key, each in table.items()}

    def truth(point: Assignment) -> Metrics:
        return {"error": truths[key(point)]}

    def measure(point: Assignment, noise: Random) -> Metrics:
        return {"error": noise.choice(table[key(point)])}

    best = min(truths.values())
    lost = regret("error", best)
    return Bench("svm-or-trees", space(), (Goal("error", "minimize"),), 60, measure, truth, lost)


def space() -> Space:
    """The family first, then what belongs to it."""
    machine, trees, poly = _is("family", "svm"), _is("family", "trees"), _is("kernel", "poly")
    return Space(
        (
            Coordinate("family", (), Choice(("svm", "trees"))),
            Coordinate("kernel", (), Choice(("rbf", "poly")), machine),
            Coordinate("C", (), Choice(PENALTIES, ordered=True), machine),
            Coordinate("gamma", (), Choice(WIDTHS, ordered=True), machine),
            Coordinate("degree", (), Choice(DEGREES, ordered=True), poly),
            Coordinate("rate", (), Choice(RATES, ordered=True), trees),
            Coordinate("leaves", (), Choice(LEAVES, ordered=True), trees),
            Coordinate("l2", (), Choice(SHRINKAGES, ordered=True), trees),
            Coordinate("rounds", (), Choice(ROUNDS, ordered=True), trees),
        )
    )


def key(point: Assignment) -> Key:
    """What a configuration is known by."""
    if point["family"] == "trees":
        return ("trees", *(point[name] for name in ("rate", "leaves", "l2", "rounds")))
    return ("svm", point["kernel"], point["C"], point["gamma"], point.get("degree", 0))


@cache
def errors() -> dict[Key, tuple[float, ...]]:
    """The test error of every configuration on every split; trained, minutes, where not kept."""
    if not KEPT.exists():
        trained = _trained()
        FOLDER.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps([[*key, *each] for key, each in trained.items()]), "utf-8")
    rows = json.loads(KEPT.read_text(encoding="utf-8"))
    return {tuple(row[:-SPLITS]): tuple(row[-SPLITS:]) for row in rows}


def _trained() -> dict[Key, list[float]]:
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    found: dict[Key, list[float]] = {}
    for split in range(SPLITS):
        order = list(range(len(digits)))
        Random(split).shuffle(order)
        train, test = order[:TRAINED_ON], order[TRAINED_ON : TRAINED_ON + TESTED_ON]
        odd = digits % 2
        parts = (pixels[train], odd[train], pixels[test], odd[test])
        for key, error in (*_machines(*parts), *_trees(*parts)):
            found.setdefault(key, []).append(error)
    return found


def _machines(x: Any, y: Any, test_x: Any, test_y: Any) -> Iterator[tuple[Key, float]]:
    from sklearn.svm import SVC

    kernels = [("rbf", 0), *(("poly", degree) for degree in DEGREES)]
    for (kernel, degree), penalty, width in product(kernels, PENALTIES, WIDTHS):
        width_: Any = width  # the stubs know words only
        # a machine that does not settle is stopped, and is as good as it then is
        model: Any = SVC(
            kernel=kernel, degree=degree or 3, C=penalty, gamma=width_, max_iter=20_000
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x, y)
        yield ("svm", kernel, penalty, width, degree), 1.0 - float(model.score(test_x, test_y))


def _trees(x: Any, y: Any, test_x: Any, test_y: Any) -> Iterator[tuple[Key, float]]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    for rate, leaves, shrinkage in product(RATES, LEAVES, SHRINKAGES):
        options: dict[str, Any] = {"early_stopping": False, "random_state": 0}
        model = HistGradientBoostingClassifier(
            learning_rate=rate, max_leaf_nodes=leaves, l2_regularization=shrinkage,
            max_iter=max(ROUNDS), **options,
        )  # fmt: skip
        model.fit(x, y)
        for rounds, answers in enumerate(model.staged_predict(test_x), 1):
            if rounds in ROUNDS:
                wrong = float((answers != test_y).mean())
                yield ("trees", rate, leaves, shrinkage, rounds), wrong


def _is(name: str, value: Value) -> tuple[Compare, ...]:
    return (Compare("==", Name(name), Literal_(value)),)
