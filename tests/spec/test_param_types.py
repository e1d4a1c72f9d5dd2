"""Durations and sizes as parameters: read, bounded, and put in as they are written."""

from __future__ import annotations

import pytest

from omniforce.spec.load import Loaded, load
from omniforce.spec.source import Source
from tests.support.specs import SMALL


def limited(param: str, **given: str) -> Loaded:
    """A spec whose search may take as long as the parameter `limit` says."""
    text = SMALL.replace("spec:\n", f"spec:\n  params: {{limit: {param}}}\n", 1)
    return load(
        Source("spec.yaml", text.replace("trials: 8", "trials: 8, wallClock: $(params.limit)")),
        given,
    )


@pytest.mark.parametrize(
    ("value", "seconds"), [("2h", 7200), ("1h30m", 5400), ("90", 90), ("0.5m", 30), ("1500ms", 1.5)]
)
def test_a_duration_is_put_in_as_it_is_given(value: str, seconds: float) -> None:
    loaded = limited("{type: duration}", limit=value)
    assert loaded.diagnostics == ()
    assert loaded.study is not None
    assert loaded.study.spec.search.budget.wall_clock == seconds


@pytest.mark.parametrize(
    ("param", "value", "expected"),
    [
        ("{type: duration}", "2MiB", "a duration such as `2h`"),
        ("{type: duration}", "-2h", "a duration such as `2h`"),
        ("{type: duration}", "soon", "a duration such as `2h`"),
        ("{type: duration}", "true", "a duration such as `2h`"),
        ("{type: size}", "2h", "a size such as `2MiB`"),
        ("{type: duration, minimum: 10m}", "9m", "at least 10m"),
        ("{type: duration, maximum: 1h}", "61m", "at most 1h"),
        ("{type: duration, maximum: 3600}", "2h",
         "at most 3600"),
        ("{type: duration, choices: [1h, 2h]}", "3h",
         "`1h` or `2h`"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_named(param: str, value: str, expected: str) -> None:
    (found,) = limited(param, limit=value).diagnostics
    assert found.code == "OFC304"
    assert found.message == f"`-p limit={value}` does not fit: expected {expected}"


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ("{type: duration, default: 1h, maximum: 30m}",
         "`default` of `limit` does not fit: expected at most 30m"),
        ("{type: duration, default: 1h, minimum: 2h, maximum: 90m}",
         "`minimum` of `limit` is above `maximum`"),
        ("{type: duration, default: 1h, maximum: 1GiB}", "`maximum` of `limit` is no duration"),
    ],
)  # fmt: skip
def test_a_declaration_that_contradicts_itself_is_named(param: str, message: str) -> None:
    assert ("OFC304", message) in [(d.code, d.message) for d in limited(param).diagnostics]
