"""Values go out as text and come back as they were, whoever samples in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omniforce.spec.space import Choice, Coordinate, Domain, FloatRange, IntRange, Space
from omniforce.targets.platforms.foreign_search.values import (
    NoPoint,
    listed,
    read_point,
    read_value,
    value_text,
)

VALUES = some.one_of(
    some.booleans(),
    some.integers(-(10**6), 10**6),
    some.floats(-1e6, 1e6, allow_nan=False),
    some.text("abcxyz0123456789_.-", min_size=1, max_size=8),
)


@given(some.lists(VALUES, min_size=1, max_size=6, unique_by=value_text))
def test_each_value_of_a_choice_comes_back(values: list[bool | int | float | str]) -> None:
    domain = Choice(tuple(values))
    found = [read_value("x", domain, value_text(v)) for v in values]
    assert [(type(v), v) for v in found] == [(type(v), v) for v in values]


@given(some.integers(-1000, 1000), some.integers(1, 50), some.integers(1, 7))
def test_a_grid_is_listed_and_each_of_its_values_comes_back(low: int, size: int, step: int) -> None:
    domain = IntRange(low, low + size, step=step)
    values = listed(domain) or tuple(range(low, low + size + 1))
    assert [read_value("x", domain, value_text(v)) for v in values] == list(values)


def test_a_grid_of_reals_is_written_as_people_write_it() -> None:
    domain = FloatRange(0.0, 0.6, step=0.1)
    texts = [value_text(v) for v in listed(domain) or ()]
    assert texts == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]
    assert [read_value("x", domain, text) for text in texts] == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


@pytest.mark.parametrize(
    ("domain", "text", "value"),
    [
        (IntRange(1, 8), "3", 3),
        (IntRange(1, 8), "3.0", 3),
        (FloatRange(0.0, 1.0), "1", 1.0),
        (FloatRange(1e-4, 1e-1, "log"), "0.10000000000000002", 0.1),
        (Choice((32, 64)), "64.0", 64),
        (Choice((True, False)), "false", False),
    ],
)
def test_what_samplers_write_is_read(domain: Domain, text: str, value: object) -> None:
    found = read_value("x", domain, text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (IntRange(1, 8), "9"),
        (IntRange(1, 8), "2.5"),
        (IntRange(1, 8), "nan"),
        (FloatRange(0.0, 1.0), "1.1"),
        (FloatRange(0.0, 1.0), "inf"),
        (FloatRange(0.0, 1.0), ""),
        (Choice(("sgd",)), "adam"),
        (Choice(("1",)), "1.0"),
    ],
)
def test_what_the_space_does_not_have_is_no_point(domain: Domain, text: str) -> None:
    with pytest.raises(NoPoint, match="KUBEFLOW_TRAINER_OPT_X is"):
        read_value("x", domain, text)


def test_a_variable_that_is_not_set_is_named() -> None:
    space = Space((Coordinate("width", (), IntRange(1, 8)), Coordinate("rate", (), IntRange(1, 8))))
    with pytest.raises(NoPoint, match="KUBEFLOW_TRAINER_OPT_RATE must be set"):
        read_point(space, {"KUBEFLOW_TRAINER_OPT_WIDTH": "2"})
