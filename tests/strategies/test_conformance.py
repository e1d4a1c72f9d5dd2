from __future__ import annotations

from omniforce.strategies.bayesian.strategy import Bayesian
from omniforce.strategies.conformance import StrategyConformance
from omniforce.strategies.evolution import Evolution
from omniforce.strategies.grid import Grid
from omniforce.strategies.hyperband.strategy import Hyperband
from omniforce.strategies.local_search import LocalSearch
from omniforce.strategies.mf_nas.strategy import MfNas
from omniforce.strategies.nsga2 import Nsga2
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


class TestOF(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Bayesian(initial=4, candidates=48, surrogate="of", optimizer="exhaustive")


class TestEvolution(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Evolution(population=4, sample=2)


class TestEvolutionWithTwoParents(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Evolution(population=4, crossover=0.5)


class TestGrid(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Grid()


class TestLocalSearch(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return LocalSearch(initial=4)


class TestLocalSearchThatBeginsAnew(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return LocalSearch(initial=4, order="random", restart=True)


class TestMfNas(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return MfNas(initial=4)


class TestNsga2(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Nsga2(population=4)


class TestHyperband(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Hyperband(fidelity="share", eta=2)


class TestHyperbandWithDensities(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Hyperband(fidelity="share", eta=2, model="kde")


class TestHyperbandThatPromotesEarly(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Hyperband(fidelity="share", eta=2, promotion="early")


class TestHyperbandOnALogScale(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return Hyperband(fidelity="rate", brackets=1)
