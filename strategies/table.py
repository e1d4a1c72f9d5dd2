"""Which strategies there are, by name; each is imported only when it is made.

A package of somebody else's adds one through the entry point group `omniforce.strategies`:
its name is the strategy's, its object the strategy's class.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from omniforce.spec.blocks.search import StrategyChoice

from .options import Option, StrategyClash, UnknownStrategy, check_options, options_of

if TYPE_CHECKING:
    from .protocol import SearchStrategy

GROUP = "omniforce.strategies"

Thunk = Callable[[], type]


def _random() -> type:
    from .random_ import Random

    return Random


def _sobol() -> type:
    from .sobol import Sobol

    return Sobol


def _bayesian() -> type:
    from .bayesian.strategy import Bayesian

    return Bayesian


def _evolution() -> type:
    from .evolution import Evolution

    return Evolution


def _hyperband() -> type:
    from .hyperband.strategy import Hyperband

    return Hyperband


def _grid() -> type:
    from .grid import Grid

    return Grid


def _local_search() -> type:
    from .local_search import LocalSearch

    return LocalSearch


def _mf_nas() -> type:
    from .mf_nas.strategy import MfNas

    return MfNas


def _nsga2() -> type:
    from .nsga2 import Nsga2

    return Nsga2


STRATEGIES: dict[str, Thunk] = {
    "bayesian": _bayesian,
    "evolution": _evolution,
    "grid": _grid,
    "hyperband": _hyperband,
    "local-search": _local_search,
    "mf-nas": _mf_nas,
    "nsga2": _nsga2,
    "random": _random,
    "sobol": _sobol,
}
"""Ours; the modules behind them import neither numpy nor torch until they are asked for points."""

WITHOUT_OPTIONS = frozenset(
    {"bayesian", "evolution", "grid", "local-search", "mf-nas", "nsga2", "random", "sobol"}
)
"""Ours that need none, so that the compiler need not import them to check none."""


PRESETS: dict[str, StrategyChoice] = {
    "asha": StrategyChoice("hyperband", (("brackets", 1), ("promotion", "early"))),
    "bohb": StrategyChoice("hyperband", (("model", "kde"),)),
    "of": StrategyChoice("bayesian", (("optimizer", "exhaustive"), ("surrogate", "of"))),
    "of-hd": StrategyChoice("bayesian", (("surrogate", "of-hd"),)),
    "of-trans": StrategyChoice("bayesian", (("surrogate", "of-trans"),)),
}
"""Names for a strategy with some of its options set; a spec may set them and the others anew."""


def names() -> tuple[str, ...]:
    """All names that `make` takes, sorted.

    Raises:
        StrategyClash: an installed package claims a name that is taken.
    """
    return tuple(sorted({*_all(), *PRESETS}))


def options(name: str) -> tuple[Option, ...]:
    """What a spec may set on the strategy of this name.

    Raises:
        UnknownStrategy: no strategy has this name.
        StrategyClash: an installed package claims a name that is taken.
    """
    return options_of(_find(name))


def make(choice: StrategyChoice) -> SearchStrategy:
    """The strategy of a spec, not yet bound to a problem.

    Raises:
        UnknownStrategy: no strategy has this name; `auto` is not one, the compiler resolves it.
        UnknownOption: it has no such option.
        WrongOption: an option's value has the wrong type or is out of bounds.
        StrategyClash: an installed package claims a name that is taken.
    """
    strategy = _find(choice.name)
    preset = PRESETS.get(choice.name)
    written = dict(preset.options if preset else ()) | dict(choice.options)
    given = check_options(choice.name, options_of(strategy), tuple(written.items()))
    own = {key: value for key, value in given.items() if "." not in key}
    if own == given:
        return cast("SearchStrategy", strategy(**own))
    parts = tuple(each for each in given.items() if "." in each[0])
    return cast("SearchStrategy", strategy(**own, parts=parts))


def _find(name: str) -> type:
    name = PRESETS[name].name if name in PRESETS else name
    thunk = STRATEGIES.get(name) or _all().get(name)
    if thunk is not None:
        return thunk()
    words = ", ".join(f"`{each}`" for each in names())
    raise UnknownStrategy(f"there is no strategy `{name}`", f"write one of {words}")


def _all() -> dict[str, Thunk]:
    table = dict(STRATEGIES)
    for name, thunk, package in _third_party():
        if name in table or name in PRESETS:
            raise StrategyClash(
                f"package `{package}` brings a strategy `{name}`, a name that is taken",
                f"uninstall `{package}`, or ask its authors for another name",
            )
        table[name] = thunk
    return table


def _third_party() -> Iterable[tuple[str, Thunk, str]]:
    if not any(map(_mentions_group, sys.path)):
        return
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield point.name, point.load, point.dist.name if point.dist else point.value


def _mentions_group(directory: str) -> bool:
    # importlib.metadata takes 15 ms to import, which every `ofc check` would pay for.
    declared = (
        *Path(directory).glob("*.dist-info/entry_points.txt"),
        *Path(directory).glob("*.egg-info/entry_points.txt"),
    )
    return any(GROUP in path.read_text("utf-8", "replace") for path in declared)
