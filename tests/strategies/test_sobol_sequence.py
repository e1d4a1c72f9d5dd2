"""Our Sobol sequence is scipy's, number for number."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import qmc

from omniforce.strategies import sobol_sequence as module
from omniforce.strategies.sobol_sequence import sobol_sequence


def of_scipy(dimensions: int, seed: int, count: int) -> list[list[float]]:
    sequence = qmc.Sobol(dimensions, rng=np.random.default_rng(seed))
    points: list[list[float]] = [sequence.random(1)[0].tolist() for _ in range(count)]
    return points


@pytest.mark.parametrize("dimensions", [1, 2, 7, 41, 300])
@pytest.mark.parametrize("seed", [0, 1, 2**31])
def test_the_points_are_those_of_scipy(dimensions: int, seed: int) -> None:
    expected = of_scipy(dimensions, seed, 20)
    assert sobol_sequence(dimensions, seed, 0, 20) == expected
    assert sobol_sequence(dimensions, seed, 17, 3) == expected[17:]


def test_without_its_table_scipy_itself_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_table(dimensions: int) -> None:
        return

    monkeypatch.setattr(module, "_directions", no_table)
    assert sobol_sequence(3, 5, 2, 4) == of_scipy(3, 5, 6)[2:]


def test_scipy_is_not_imported_for_them() -> None:
    code = (
        "import sys\n"
        "from omniforce.strategies.sobol_sequence import sobol_sequence\n"
        "sobol_sequence(3, 0, 0, 2)\n"
        "print('scipy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
