"""The strategy that docs/strategies.md shows passes the suite that it names."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import cast

from omniforce.strategies.conformance import StrategyConformance
from omniforce.strategies.protocol import SearchStrategy

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"


def _shown() -> ModuleType:
    module = ModuleType("strategy_of_the_page")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    source = PAGE.read_text("utf-8").split("```python\n")[1].split("```")[0]
    exec(compile(source, str(PAGE), "exec"), module.__dict__)
    return module


class TestNearTheBest(StrategyConformance):
    def strategy(self) -> SearchStrategy:
        return cast("SearchStrategy", _shown().NearTheBest())
