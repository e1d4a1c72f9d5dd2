"""A table of learning curves: a small network on scikit-learn's digits, one row a configuration.

    .venv/bin/python benchmarks/strategies/digits_curves.py

Every one of 432 configurations is trained for 81 epochs on 600 of the digits; the table has its
accuracy on 600 others after each. What is made is kept in `.ofc/benchmarks`, and made again where
that is empty: about two minutes of one core.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EPOCHS = 81
GRID: Mapping[str, tuple[float | int | str, ...]] = {
    "learning_rate": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "width": (8, 32, 128),
    "optimizer": ("sgd", "momentum", "adam"),
    "batch": (16, 64),
    "dropout": (0.0, 0.3),
    "weight_decay": (0.0, 0.003),
}
"""In the order of the table's rows, the last changing fastest."""

KEPT = Path(__file__).parents[2] / ".ofc" / "benchmarks" / "digits_curves.npz"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """The digits, in two halves that do not overlap."""

    x: Floats  # n x 64
    y: NDArray[np.int64]
    valid_x: Floats
    valid_y: NDArray[np.int64]


@dataclass(slots=True)
class Weights:
    """One array of the network, with what its optimizer remembers of it."""

    value: Floats
    first: Floats
    second: Floats


def curves() -> NDArray[np.float64]:
    """Accuracy by configuration and epoch, `len(configurations) x EPOCHS`."""
    if not KEPT.exists():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        rows = digits()
        table = np.array([list(trained(rows, each)) for each in configurations()])
        np.savez_compressed(KEPT, accuracy=table)
    with np.load(KEPT) as kept:
        return np.asarray(kept["accuracy"], dtype=np.float64)


def configurations() -> list[dict[str, float | int | str]]:
    """All of the grid."""
    return [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]


def digits() -> Rows:
    """1,200 of the digits."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16.0).astype(np.float32), y[order]
    return Rows(x[:600], y[:600], x[600:1200], y[600:1200])


def trained(rows: Rows, configuration: Mapping[str, float | int | str]) -> Iterator[float]:
    """Accuracy after each epoch of one hidden layer of rectifiers, by cross entropy."""
    generator = np.random.default_rng(1)
    width, batch = int(configuration["width"]), int(configuration["batch"])
    keep = 1.0 - float(configuration["dropout"])
    layers = [
        _started(generator.normal(0.0, (2.0 / 64) ** 0.5, (64, width))),
        _started(np.zeros(width)),
        _started(generator.normal(0.0, (1.0 / width) ** 0.5, (width, 10))),
        _started(np.zeros(10)),
    ]
    ones, step = np.eye(10, dtype=np.float32), 0
    for _ in range(EPOCHS):
        order = generator.permutation(len(rows.x))
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            x, step = rows.x[some], step + 1
            hidden = np.maximum(x @ layers[0].value + layers[1].value, 0.0)
            if keep < 1.0:
                hidden *= (generator.random(hidden.shape, dtype=np.float32) < keep) / keep
            off = (_softmax(hidden @ layers[2].value + layers[3].value) - ones[rows.y[some]]) / len(
                some
            )
            back = (off @ layers[2].value.T) * (hidden > 0.0) / keep
            slopes = (x.T @ back, back.sum(0), hidden.T @ off, off.sum(0))
            for weights, slope in zip(layers, slopes, strict=True):
                _moved(weights, slope.astype(np.float32), configuration, step)
        hidden = np.maximum(rows.valid_x @ layers[0].value + layers[1].value, 0.0)
        scores = hidden @ layers[2].value + layers[3].value
        yield float(np.mean(scores.argmax(1) == rows.valid_y))


def _started(value: NDArray[np.float64]) -> Weights:
    return Weights(
        value.astype(np.float32), np.zeros_like(value, np.float32), np.zeros_like(value, np.float32)
    )


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), dtype=np.float32)


def _moved(
    weights: Weights, slope: Floats, configuration: Mapping[str, float | int | str], step: int
) -> None:
    rate = np.float32(configuration["learning_rate"])
    if weights.value.ndim == 2:
        slope = slope + np.float32(configuration["weight_decay"]) * weights.value
    match configuration["optimizer"]:
        case "sgd":
            weights.value -= rate * slope
        case "momentum":
            weights.first = np.float32(0.9) * weights.first + slope
            weights.value -= rate * weights.first
        case _:  # Kingma & Ba (2015), Adam, algorithm 1
            weights.first = np.float32(0.9) * weights.first + np.float32(0.1) * slope
            weights.second = np.float32(0.999) * weights.second + np.float32(0.001) * slope**2
            first = weights.first / np.float32(1.0 - 0.9**step)
            second = weights.second / np.float32(1.0 - 0.999**step)
            weights.value -= rate * first / (np.sqrt(second) + np.float32(1e-8))


if __name__ == "__main__":
    print(f"{KEPT}: {' x '.join(map(str, curves().shape))}")
