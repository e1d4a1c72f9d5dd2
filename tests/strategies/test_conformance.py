from __future__ import annotations

from omniforce.strategies.bayesian.strategy import Bayesian
from omniforce.strategies.conformance import StrategyConformance
from omniforce.strategies.protocol import SearchStrategy
from omniforce.strategies.random_ import Random
from omniforce.strategies.sobol import Sobol


class TestRandom(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Random()


class TestSobol(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Sobol()


class TestBayesian(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Bayesian(initial=4, candidates=48)
