"""The rows of a table: means with their standard errors, CPU seconds, how many seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..measure import machine, table
from .play import Played


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and its standard error; 0 of one value."""
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1))
    return mean, spread / math.sqrt(len(values))


def cell(values: Sequence[float], digits: int = 4) -> str:
    """`mean ± error`."""
    mean, error = mean_and_error(values)
    return f"{mean:.{digits}f} ± {error:.{digits}f}"


def losses(searches: Mapping[str, Sequence[Played]], at: Sequence[int], digits: int = 4) -> str:
    """What is lost after some numbers of evaluations, a row a searcher."""
    head = ["searcher", "seeds", *(f"at {n}" for n in at), "CPU s a run"]
    rows = [
        [
            name,
            str(len(played)),
            *(cell([each.lost[n - 1] for each in played], digits) for n in at),
            f"{mean_and_error([each.cpu for each in played])[0]:.1f}",
        ]
        for name, played in searches.items()
    ]
    return table(head, rows)


def heading(title: str) -> str:
    """A heading with the date and the machine."""
    return f"\n### {title}\n\n{machine()}\n"
