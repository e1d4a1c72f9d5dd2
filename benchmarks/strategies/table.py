"""Which benches there are, by the name that `BENCH=` takes; each is imported only when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from .campaign import Options

BENCHES: dict[str, str] = {
    "table1": "the paper's Table 1: the best of 15,625 cells",
    "objectives": "accuracy against latency on five devices",
    "mixed": "four tables of small networks, choices and ordinals",
    "ablation": "what each ingredient of OF adds",
    "continuous": "functions with a known optimum, and families with noise",
    "fidelities": "learning curves: time to reach within 1 % of the best",
    "transfer": "what ten past studies save",
    "asynchronous": "8 and 64 trials at once against one",
    "latency": "what a suggestion costs",
}
"""In the order in which they run; the last one wants a quiet machine."""


def main_of(name: str) -> Callable[[Options], None]:
    """What runs a bench and prints its tables."""
    main: Callable[[Options], None] = importlib.import_module(f"{__package__}.{name}").main
    return main
