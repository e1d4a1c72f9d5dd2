"""What a spec may name that the compiler cannot know of itself: algorithms and strategies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omniforce.spec.blocks.algorithm import AlgorithmInterface


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Given in by the command line, so that the compiler imports neither library.

    Attributes:
        algorithms: the interface of `area/name@1`, or None where there is none; reads one file.
        algorithm_names: all that may stand after `use:`.
        strategies: all that may stand after `strategy:`, without `auto`.
        strategy_options: the options that a strategy has, or None where they are not known.
    """

    algorithms: Callable[[str], AlgorithmInterface | None]
    algorithm_names: tuple[str, ...]
    strategies: tuple[str, ...]
    strategy_options: Callable[[str], tuple[str, ...] | None] = lambda _: None
