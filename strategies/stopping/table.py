"""Which rules there are, by name; one line each."""

from __future__ import annotations

from typing import assert_never

from omniforce.spec.blocks.search import Stopping

from .halving import Halving
from .median import Median
from .protocol import StoppingRule


def rule_of(stopping: Stopping) -> StoppingRule:
    """The rule that a spec asks for."""
    match stopping.rule:
        case "median":
            return Median(least=stopping.least, after=stopping.after)
        case "halving":
            return Halving(least=stopping.least, after=stopping.after, eta=stopping.eta)
        case _:
            assert_never(stopping.rule)
