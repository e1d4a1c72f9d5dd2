"""Finding algorithms by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from omniforce.stdlib_algorithms.catalogue import find, names


def test_all_names_are_known_and_found() -> None:
    assert names() == ("tabular/learner@1", "vision/classifier@1")
    for name in names():
        found = find(name)
        assert found is not None
        assert f"{found.name}@{found.version}" == name


@pytest.mark.parametrize(
    "reference",
    ["vision/classifier@2", "vision/classifier", "vision/none@1", "../spec@1", "vision@1", "/@1"],
)
def test_what_is_not_there_is_none(reference: str) -> None:
    assert find(reference) is None


def test_looking_one_up_imports_nothing_heavy() -> None:
    code = (
        "import sys; from omniforce.stdlib_algorithms.catalogue import find, names;"
        "assert find('vision/classifier@1'); names();"
        "heavy = {'numpy', 'torch', 'sklearn', 'pandas', 'onnx', 'pydantic'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
