"""What a spec may name that the compiler cannot know of itself: algorithms and strategies."""

from __future__ import annotations

from collections.abc import Callable

from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.frozen import dataclass
from omniforce.spec.space import Space

from .ir.program import Search


@dataclass(frozen=True, slots=True)
class WrongOption:
    """What a strategy says of the options that a spec gives it.

    Attributes:
        option: the one to blame.
        message: what is, as a diagnostic says it.
        help: what to write instead.
    """

    option: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class ChosenStrategy:
    """What `auto` comes to.

    Attributes:
        name: one of `Catalogue.strategy_names`.
        reasons: in a sentence each, the weightiest first.
    """

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Given in by the command line, so that the compiler imports neither library.

    Attributes:
        algorithms: the interface of `area/name@1`, or None where there is none; reads one file.
        algorithm_names: all that may stand after `use:`; reads every description, so that it is
            asked only for a message.
        has_strategy: whether a name may stand after `strategy:`; `auto` is none.
        strategy_names: all of them, again only for a message.
        wrong_option: what is wrong with the options of a choice whose name is known, for a space,
            or None.
        choose_strategy: what suits a search whose strategy is `auto`.
    """

    algorithms: Callable[[str], AlgorithmInterface | None]
    algorithm_names: Callable[[], tuple[str, ...]]
    has_strategy: Callable[[str], bool]
    strategy_names: Callable[[], tuple[str, ...]]
    choose_strategy: Callable[[Search], ChosenStrategy] = lambda _: ChosenStrategy(
        "random", ("nothing else is known",)
    )
    wrong_option: Callable[[StrategyChoice, Space], WrongOption | None] = lambda _, __: None
