"""Figures as people read them."""

from __future__ import annotations

import pytest

from omniforce.runtime.quantities import show_duration, show_metric, show_value, unit_of


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("accuracy", 0.97222222, "0.9722"),
        ("accuracy", 1.0, "1"),
        ("loss", 0.0, "0"),
        ("loss", 0.000123456, "0.0001235"),
        ("loss", 1234567.0, "1.235e+06"),
        ("latency.p95@server", 0.00124, "1.24 ms"),
        ("latency.p95@server", 6.5e-06, "6.5 µs"),
        ("latency.mean@server", 2.0, "2 s"),
        ("size@server", 14280.0, "13.9 KiB"),
        ("size@server", 3.0, "3 B"),
        ("throughput@server", 158904.7, "158,905/s"),
    ],
)
def test_a_metric_is_shown_in_the_unit_of_its_key(key: str, value: float, text: str) -> None:
    assert show_metric(key, value) == text


def test_the_unit_of_an_axis_is_the_one_its_figures_are_told_in() -> None:
    units = (unit_of("latency.p95@a", 0.02), unit_of("size@a", 5000.0), unit_of("loss", 5.0))
    assert units == (1e-3, 1024, 1.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (48.2, "48 s"),
        (192.0, "3 min 12 s"),
        (7500.0, "2 h 05 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert show_duration(seconds) == text


def test_values_of_parameters() -> None:
    assert [show_value(v) for v in (None, True, 3, 0.00125, "cnn")] == [
        *("", "true", "3", "0.0013", "cnn")
    ]
