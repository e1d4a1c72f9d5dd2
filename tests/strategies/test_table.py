from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from omniforce.spec.blocks.search import StrategyChoice
from omniforce.strategies import table
from omniforce.strategies.bayesian.strategy import Bayesian
from omniforce.strategies.options import (
    StrategyClash,
    UnknownOption,
    UnknownStrategy,
    WrongOption,
)
from omniforce.strategies.random_ import Random


def test_makes_a_strategy_with_its_options() -> None:
    choice = StrategyChoice("bayesian", (("initial", 5),))
    assert table.make(choice) == Bayesian(initial=5)
    assert table.make(StrategyChoice("random")) == Random()


@pytest.mark.parametrize(
    ("choice", "fault", "message", "help_"),
    [
        (
            StrategyChoice("sobl"),
            UnknownStrategy,
            "there is no strategy `sobl`",
            f"write one of {', '.join(f'`{name}`' for name in table.names())}",
        ),
        (
            StrategyChoice("bayesian", (("initail", 5),)),
            UnknownOption,
            "strategy `bayesian` has no option `initail`",
            (
                "its options are `initial`, `candidates`, `surrogate`, `acquisition`,"
                " `generator`, `optimizer`, `suggester`"
            ),
        ),
        (
            StrategyChoice("random", (("x", 5),)),
            UnknownOption,
            "strategy `random` has no option `x`",
            "leave `options` out",
        ),
        (
            StrategyChoice("bayesian", (("initial", True),)),
            WrongOption,
            "option `initial` of strategy `bayesian` is `true`",
            (
                "write a whole number: trials before the model is asked;"
                " by the space and the budget if left out"
            ),
        ),
        (
            StrategyChoice("bayesian", (("initial", 0),)),
            WrongOption,
            "option `initial` of strategy `bayesian` is `0`",
            "write at least 1",
        ),
    ],
)
def test_says_what_is_wrong_with_a_choice(
    choice: StrategyChoice, fault: type[Exception], message: str, help_: str
) -> None:
    with pytest.raises(fault) as caught:
        table.make(choice)
    assert (str(caught.value), caught.value.help) == (message, help_)


def test_ours_that_need_no_option_are_known_without_an_import() -> None:
    needless = {
        name for name in table.STRATEGIES if not any(each.number for each in table.options(name))
    }
    assert needless == table.WITHOUT_OPTIONS


def test_names_and_options_import_neither_numpy_nor_torch() -> None:
    code = (
        "import sys; from omniforce.strategies import table; table.names();"
        "[table.options(n) for n in table.STRATEGIES];"
        "print([m for m in ('numpy', 'scipy', 'torch', 'importlib.metadata') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def _install(folder: Path, name: str) -> None:
    info = folder / "outside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[omniforce.strategies]\n{name} = outside_strategy:Mine\n"
    )
    (folder / "outside_strategy.py").write_text(
        "from omniforce.strategies.random_ import Random\nclass Mine(Random):\n    name = 'mine'\n"
    )


def test_takes_strategies_of_installed_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = table.names()
    _install(tmp_path, "mine")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert table.names() == tuple(sorted((*ours, "mine")))
    assert table.make(StrategyChoice("mine")).name == "mine"


def test_refuses_a_name_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, "sobol")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(StrategyClash, match="package `outside` brings a strategy `sobol`"):
        table.names()
