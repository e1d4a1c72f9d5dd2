"""Values go out as text and come back as they were, whoever samples in between."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omniforce.spec.expression.tree import Scale
from omniforce.spec.space import (
    Choice,
    Coordinate,
    Domain,
    FloatRange,
    IntRange,
    Space,
    contains,
    validate,
)
from omniforce.targets.platforms.foreign_search.values import (
    NoPoint,
    listed,
    read_point,
    read_value,
    value_text,
    variable,
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


@given(
    some.floats(1e-12, 1e6), some.floats(1.001, 1e6), some.floats(0, 1), some.sampled_from("rfg")
)
def test_what_a_log_uniform_sampler_draws_is_in_the_range(
    low: float, factor: float, share: float, form: str
) -> None:
    domain = FloatRange(low, low * factor, "log")
    drawn = math.exp(math.log(low) + share * (math.log(low * factor) - math.log(low)))
    # Python's own form, Go's plain one, and the short one
    text = {"r": repr(drawn), "f": format(drawn, ".25f"), "g": format(drawn, ".17g")}[form]
    assert contains(domain, read_value("x", domain, text))


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_what_optuna_draws_for_trainer_is_a_point(scale: Scale) -> None:
    """Trainer's suggestions come from optuna, asked as Katib's service asks it."""
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = Space(
        (
            Coordinate("width", (), IntRange(4, 64, scale)),
            Coordinate("rate", (), FloatRange(1e-4, 1e-1, scale)),
            Coordinate("grid", (), FloatRange(0.0, 0.5, step=0.1)),
            Coordinate("kind", (), Choice(("a", True, 3, 0.5))),
        )
    )
    asked = {"grid": _choices(optuna, space, "grid"), "kind": _choices(optuna, space, "kind")}
    log = scale == "log"
    asked["width"] = optuna.distributions.IntDistribution(4, 64, log=log)
    asked["rate"] = optuna.distributions.FloatDistribution(1e-4, 1e-1, log=log)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(50):
        params = study.ask(fixed_distributions=asked).params
        point = read_point(space, {variable(name): str(v) for name, v in params.items()})
        assert validate(space, point) == ()


def _choices(optuna: Any, space: Space, name: str) -> Any:
    (domain,) = (c.domain for c in space if c.name == name)
    texts = [value_text(v) for v in listed(domain) or ()]
    return optuna.distributions.CategoricalDistribution(texts)


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
        (IntRange(1, 2**60), str(2**60 - 1), 2**60 - 1),
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
