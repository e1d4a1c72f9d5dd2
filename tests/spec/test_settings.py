"""`--set path=value`: one typed value at a path, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.layers.settings import apply, read_settings
from omniforce.spec.load import Loaded, load
from omniforce.spec.nodes import MappingNode, Scalar
from omniforce.spec.source import Source, Span
from tests.support.specs import SMALL, loaded


def under(*settings: str, text: str = SMALL) -> Loaded:
    return load(Source("spec.yaml", text), settings=settings)


def value(text: str) -> object:
    """What a setting's value is read as."""
    (setting,) = read_settings([f"spec.x={text}"]).settings
    return setting.value.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4", 4),
        ("1e-4", 1e-4),
        ("0x10", 16),
        ("true", True),
        ("no", "no"),
        ("maximize accuracy", "maximize accuracy"),
        ('"4"', "4"),
        ("'true'", "true"),
        ('""', ""),
        ('"a" == b', '"a" == b'),
        ("a=b=c", "a=b=c"),
        ("[1, 2]", "[1, 2]"),
        ("{a: 1}", "{a: 1}"),
        ("a: b", "a: b"),
        ("- a", "- a"),
        ("&a !!int *b # c", "&a !!int *b # c"),
    ],
)
def test_a_value_is_one_scalar_whatever_it_looks_like(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


def test_settings_are_done_in_their_order_after_the_overlays() -> None:
    found = load(
        Source("spec.yaml", SMALL),
        overlays=[Source("prod.yaml", "spec: {search: {parallelism: 2, seed: 1}}")],
        settings=["spec.search.parallelism=3", "spec.search.parallelism=4"],
    )
    assert found.diagnostics == ()
    assert found.study is not None
    assert (found.study.spec.search.parallelism, found.study.spec.search.seed) == (4, 1)


def test_a_path_reaches_items_keys_with_dots_and_blocks_that_are_not_written() -> None:
    found = under(
        "spec.objectives[0]=maximize f1",
        'metadata.labels."example.org/team"=vision',
        "spec.search.trial.resources.memory=3GiB",
        "spec.searchSpace.optimizer={sgd, adam}",
    )
    assert found.diagnostics == ()
    assert found.study is not None
    same = loaded(
        SMALL.replace("maximize accuracy", "maximize f1")
        .replace("{name: digits}", '{name: digits, labels: {"example.org/team": vision}}')
        .replace("trials: 8}", "trials: 8}\n    trial: {resources: {memory: 3GiB}}")
        .replace("1e-1 log", "1e-1 log\n    optimizer: {sgd, adam}")
    )
    assert found.study == same.study


@pytest.mark.parametrize(
    ("setting", "code", "message", "column"),
    [
        ("spec.search.parallelism", "OFC345", "`spec.search.parallelism` sets nothing", 1),
        ("", "OFC345", "`` sets nothing", 1),
        ("=4", "OFC345", "`=` cannot stand here in a path", 1),
        ("spec..search=4", "OFC345", "`.` cannot stand here in a path", 6),
        ("spec.search.=4", "OFC345", "`=` cannot stand here in a path", 13),
        ("spec.search[x]=4", "OFC345", "`[` cannot stand here in a path", 12),
        ("spec.search.seed=", "OFC345", "`spec.search.seed=` sets nothing", 18),
        ("spec.search.seed=null", "OFC345", "`spec.search.seed=` sets nothing", 18),
        ("spec.search.seed=~", "OFC345", "`spec.search.seed=` sets nothing", 18),
        ("a\nb=1", "OFC345", "the setting has a line break or a control character", 1),
        ("search.seed=1", "OFC346",
         "a path begins at the document, and `search` is no key of it", 1),
        ("spec.search.budget.trials.x=1", "OFC346",
         "`spec.search.budget.trials` is the number `8`, and nothing is called `x` in it", 27),
        ("spec.objectives[1]=x", "OFC346",
         "`spec.objectives` has 1 items, the first is `[0]`", 16),
        ("spec.search[0]=x", "OFC346", "`spec.search` is a mapping, and no list", 12),
        ("spec.search.sed=1", "OFC101", "`sed` is no key of `search`", 13),
        ("spec.search.seed=many", "OFC103",
         "`seed` is the string `many`, expected a whole number", 18),
        ("spec.search={budget: {trials: 1}}", "OFC103",
         "`search` is the string `{budget: {trials: 1}}`, expected a mapping", 13),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_named_at_its_place(
    setting: str, code: str, message: str, column: int
) -> None:
    found = under("spec.search.parallelism=2", setting).diagnostics
    assert [(d.code, d.message) for d in found] == [(code, message)]
    assert found[0].span is not None
    assert (found[0].span.file, found[0].span.line, found[0].span.column) == ("--set", 2, column)


def test_the_text_of_the_settings_is_a_source() -> None:
    found = under("spec.search.seed=1", "spec.search.parallelism=2")
    assert found.sources[1] == Source("--set", "spec.search.seed=1\nspec.search.parallelism=2")


@given(st.text(max_size=60))
def test_whatever_is_set_the_tree_has_the_same_shape(text: str) -> None:
    read = read_settings([f"spec.a={text}"])
    place = Span("f", 1, 1, 1, 2)
    spec = Scalar("spec", "spec", place)
    document = MappingNode((), place)
    made, found = apply(document, read.settings)
    assert isinstance(made, MappingNode)
    assert found == ()
    if read.settings:
        inner = plain(made)
        assert isinstance(inner, dict)
        (below,) = inner.values()
        assert isinstance(below, dict)
        assert list(below) == ["a"]
        assert not isinstance(below["a"], dict | list)
    assert spec.text == "spec"


@given(st.text(max_size=60))
def test_any_setting_gives_findings_or_a_study(text: str) -> None:
    found = under(text)
    assert found.study is not None or found.has_errors
