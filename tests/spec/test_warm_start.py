"""Which past studies a spec may ask for."""

import pytest

from omniforce.spec.blocks.warm_start import COLD, WarmStart
from omniforce.spec.load import Loaded, load
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Source
from tests.support.specs import SMALL


def loaded(warm_start: str) -> Loaded:
    text = SMALL.replace("trials: 8}", f"trials: 8}}\n    warmStart: {warm_start}")
    return load(Source("spec.yaml", text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("off", COLD),
        ("auto", WarmStart("auto")),
        ("[digits-may]", WarmStart("name", ("digits-may",))),
        ("[b, a]", WarmStart("name", ("b", "a"))),
    ],
)
def test_a_search_begins_cold_by_itself_or_with_what_is_named(
    written: str, meant: WarmStart
) -> None:
    study = loaded(written).study
    assert study is not None
    assert study.spec.search.warm_start == meant
    assert str(meant).replace("'", "") == written


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        (
            "on",
            "OFC103",
            "`warmStart` is the string `on`, expected `off`, `auto` or names of studies",
        ),
        (
            "true",
            "OFC103",
            "`warmStart` is the truth value `true`, expected `off`, `auto` or names of studies",
        ),
        ("[]", "OFC104", "`warmStart` has 0 items, at least 1 must be there"),
    ],
)
def test_anything_else_is_refused(written: str, code: str, message: str) -> None:
    (found,) = loaded(written).diagnostics
    assert (found.code, found.message) == (code, message)


def test_a_study_that_asks_for_no_past_looks_as_it_did_before_there_was_one() -> None:
    study = load(Source("spec.yaml", SMALL)).study
    assert study is not None
    assert "warm_start" not in str(to_plain(study.spec.search))
