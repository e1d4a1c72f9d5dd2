"""The price table: what it takes, what is wrong with one, what something costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.compiler.prices import read_prices

GOOD = """\
cpuHour: 0.04
memoryHour: 0.005
gpuHour: {l4: 0.71, a100: 3.67}
gpu: l4
devices:
  jetson: {cpuHour: 0.1}
"""


def read(tmp_path: Path, text: str) -> tuple[object, list[str]]:
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    prices, found, _ = read_prices(str(path))
    return prices, [f"{d.code} {d.span and d.span.line}: {d.message}" for d in found]


def test_what_cores_memory_and_gpus_cost_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(GOOD, encoding="utf-8")
    prices, found, _ = read_prices(str(path))
    assert found == ()
    assert prices is not None
    assert prices.usd(3600, 2.0, 2**31) == pytest.approx(2 * 0.04 + 2 * 0.005)
    assert prices.usd(1800, 0.0, 0, 2) == pytest.approx(0.71)
    assert prices.usd(3600, 1.0, 2**30, device="jetson") == pytest.approx(0.1 + 0.005)


def test_a_gpu_without_a_price_has_no_sum(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text("cpuHour: 0.04\nmemoryHour: 0.005\n", encoding="utf-8")
    prices, _, _ = read_prices(str(path))
    assert prices is not None
    assert prices.usd(3600, 1.0, 2**30, 1) is None
    assert prices.usd(3600, 1.0, 2**30) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cpuHour: 0.04\n", "OFC102 1: `memoryHour` is missing"),
        ("cpuHour: dear\nmemoryHour: 1\n", "OFC103 1: `cpuHour` is the string `dear`"),
        ("cpuHour: -1\nmemoryHour: 1\n", "OFC104 1: `cpuHour` is `-1`, it must be at least 0"),
        ("cpuHours: 1\nmemoryHour: 1\n", "OFC101 1: `cpuHours` is no key"),
        ("- 1\n", "OFC103 1: "),
        (
            GOOD.replace("gpu: l4", "gpu: t4"),
            "OFC650 4: `t4` is the GPU of trials and has no price",
        ),
        (
            GOOD.replace("gpu: l4\n", ""),
            "OFC650 3: several types of GPU have a price, and nothing says which one trials get",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    prices, found = read(tmp_path, text)
    assert prices is None
    assert any(each.startswith(said) for each in found), found


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    prices, found, _ = read_prices(str(tmp_path / "prices.yaml"))
    assert prices is None
    assert [d.code for d in found] == ["OFC001"]
