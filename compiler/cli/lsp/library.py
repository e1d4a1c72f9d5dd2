"""What an editor's help needs to know of algorithms and strategies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import Node, Scalar

from ...catalogue import Catalogue
from .shape import node_at

if TYPE_CHECKING:
    from omniforce.strategies.options import Option

USE = ("spec", "algorithm", "use")
STRATEGY = ("spec", "search", "strategy")


@dataclass(frozen=True, slots=True)
class Library:
    """The catalogue, and the options of strategies.

    Attributes:
        options: of a strategy by its name; none where there is no such strategy.
    """

    catalogue: Catalogue
    options: Callable[[str], tuple[Option, ...]]

    def algorithm(self, tree: Node | None) -> AlgorithmInterface | None:
        """The algorithm that a document uses, if it is one of the library."""
        node = node_at(tree, USE)
        return self.catalogue.algorithms(node.text) if isinstance(node, Scalar) else None

    def strategies(self) -> tuple[str, ...]:
        """All that may stand behind `strategy:`."""
        return ("auto", *self.catalogue.strategy_names())


def library() -> Library:
    """That of this installation."""
    from ..composition import catalogue

    return Library(catalogue(), _options)


def _options(name: str) -> tuple[Option, ...]:
    from omniforce.strategies.options import StrategyFault
    from omniforce.strategies.table import options

    try:
        return options(name)
    except StrategyFault:
        return ()
