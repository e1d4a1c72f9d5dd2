"""The interval of a quantile, by the binomial distribution alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from omniforce.targets.devices.onnx.order_statistics import interval


@pytest.mark.parametrize("count", [60, 100, 400, 1000])
def test_the_ranks_reach_the_confidence_by_exact_sums(count: int) -> None:
    found = interval([float(rank) for rank in range(1, count + 1)], 0.95)
    low, high = int(found.low), int(found.high)
    exact = sum(math.comb(count, k) * 0.95**k * 0.05 ** (count - k) for k in range(low, high))
    assert found.confidence == pytest.approx(exact, rel=1e-9)
    assert low <= 0.95 * count <= high


@pytest.mark.parametrize("count", [100, 400, 1000])
def test_enough_samples_reach_the_wanted_confidence(count: int) -> None:
    assert interval([float(i) for i in range(count)], 0.95).confidence >= 0.95


def test_few_samples_say_how_little_they_know() -> None:
    found = interval([float(i) for i in range(20)], 0.95)
    assert found.high == 19.0
    assert found.confidence == pytest.approx(1 - 0.95**20, abs=1e-6)


def test_the_interval_holds_the_quantile_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    true = -math.log(0.05)  # the p95 of an exponential with mean 1
    draws = np.sort(generator.exponential(size=(2000, 200)), axis=1)
    found = [interval(row.tolist(), 0.95) for row in draws]
    held = sum(each.low <= true <= each.high for each in found) / len(found)
    assert held == pytest.approx(found[0].confidence, abs=0.015)
