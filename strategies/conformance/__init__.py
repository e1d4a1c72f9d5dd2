"""What every strategy must do, as a suite that its author can run.

    from omniforce.strategies.conformance import StrategyConformance

    class TestMine(StrategyConformance):
        def strategy(self) -> SearchStrategy:
            return Mine()

Run it with pytest, which this package does not import.
"""

from __future__ import annotations

from .degenerate import DegenerateStudies
from .promises import Promises


class StrategyConformance(Promises, DegenerateStudies):
    """Subclass it, say how the strategy is made, and let pytest find it."""
