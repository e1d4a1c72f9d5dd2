"""How to search: strategies that propose points, and what they share.

    from omniforce.strategies.table import make, names

    strategy = make(StrategyChoice("bayesian")).bind_space(problem)
    strategy.handle_rewards(rewards).generate_tasks(2)

A function stands in the module of its name; `conformance.StrategyConformance` is the suite that
every strategy passes. What strategies take and give is listed here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .options import StrategyFault
    from .protocol import (
        EmptySpace,
        Goal,
        Outcome,
        Past,
        Problem,
        Reward,
        SearchStrategy,
        SpaceExhausted,
    )

__all__ = [
    "EmptySpace",
    "Goal",
    "Outcome",
    "Past",
    "Problem",
    "Reward",
    "SearchStrategy",
    "SpaceExhausted",
    "StrategyFault",
]


def __getattr__(name: str) -> object:
    # Late, since the compiler asks for no more than the table of names.
    if name not in __all__:
        raise AttributeError(f"module `{__name__}` has no `{name}`")
    module = "options" if name == "StrategyFault" else "protocol"
    return getattr(import_module(f".{module}", __name__), name)
