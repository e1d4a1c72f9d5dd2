"""A parameter's value in an expression or a query is one word or one number of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.expression.inserted import check_inserted
from omniforce.spec.expression.parse import Kind, parse
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.load import Loaded, load
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Source
from tests.support.specs import SMALL


def verdict(kind: Kind, text: str, value: str) -> str:
    """What becomes of an expression with a value where `@` stands."""
    at = text.index("@")
    whole = text.replace("@", value, 1)
    try:
        parse(kind, whole)
        check_inserted(kind, whole, ((at, at + len(value)),))
    except SyntaxProblem as problem:
        return problem.code
    return "fine"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("goal", "minimize @ on server", "accuracy"),
        ("goal", "minimize @ on server", "latency.p95"),
        ("goal", "@ accuracy", "maximize"),
        ("goal", "require latency.p95 <= @ms on server", "5"),
        ("goal", "minimize latency.@ on edge", "p95"),
        ("goal", "minimize latency.p95 on @", "edge-lab"),
        ("range", "1...@", "8"),
        ("range", "@...8", "-8"),
        ("range", "1e-4...@", "1e-05"),
        ("range", "{@, sgd}", "adam"),
        ("parameter", "1...8 @", "log"),
        ("parameter", "1...8, default @", "2"),
        ("condition", "optimizer == @", "sgd"),
        ("condition", 'optimizer == "@"', "two words"),
        ("condition", "a * @ <= 10", "-2"),
        ("condition", "a ** @ <= 10", "-2"),
        ("quantity", "@", "1h30m"),
        ("quantity", "@", "2 MiB"),
    ],
)
def test_a_word_or_a_number_may_stand_there(kind: Kind, text: str, value: str) -> None:
    assert verdict(kind, text, value) == "fine"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("goal", "minimize @", "latency.p95 on server"),
        ("goal", "@", "minimize accuracy"),
        ("goal", "require accuracy >= @ on server", "0.5 on edge"),
        ("range", "1...@", "8]"),
        ("range", "{@, sgd}", "adam, lion"),
        ("range", "@", "{a, b}"),
        ("parameter", "1...@", "8 log"),
        ("parameter", "@", "1...8 log"),
        ("parameter", "1...8 @", "when"),
        ("condition", "optimizer == @", "sgd or true"),
        ("condition", "optimizer == @", "(sgd)"),
        ("condition", "a @ b", "or"),
        ("condition", "a @ b", "- "),
        ("condition", "a @", "-1"),
        ("condition", "a - @ > 0", "b - c"),
        ("condition", "@ ** 2 > 1", "-1"),
        ("condition", 'optimizer == "@"', 'sgd" or a == "x'),
        ("condition", 'optimizer == "@"', "a\\"),
        ("condition", "optimizer == '@'", "it''s"),
        ("condition", "a - @ - 1 > 0", ""),
        ("quantity", "@", "5 % 2"),
    ],
)
def test_anything_more_is_refused(kind: Kind, text: str, value: str) -> None:
    assert verdict(kind, text, value) in ("OFC340", "OFC201")


SPEC = (
    SMALL.replace(
        "spec:\n",
        "spec:\n  params:\n    word: {type: string, default: x}\n"
        "    rows: {type: string, default: all}\n",
        1,
    )
    .replace("maximize accuracy", "maximize accuracy, minimize $(params.word)")
    .replace(
        "target: label}",
        "target: label, features: [{sql: \"select * from data where a = '$(params.rows)'\"}]}",
    )
)


def with_values(**params: str) -> Loaded:
    return load(Source("spec.yaml", SPEC), params)


@pytest.mark.parametrize(
    "value", ["' or 1 = 1 --", "x; drop table data", "a' || 'b", "/* */", "", "two words", "--"]
)
def test_a_query_takes_one_word(value: str) -> None:
    assert [d.code for d in with_values(word="f1", rows=value).diagnostics] == ["OFC340"]


@pytest.mark.parametrize("value", ["label", "data.label", "-1.5", "1e-3", "größe"])
def test_a_query_takes_words_and_numbers(value: str) -> None:
    assert with_values(word="f1", rows=value).diagnostics == ()


def test_two_minus_signs_are_no_comment_of_a_query() -> None:
    text = SPEC.replace("a = '$(params.rows)'", "a > 1 -$(params.rows)")
    found = load(Source("spec.yaml", text), {"word": "f1", "rows": "-1"}).diagnostics
    assert [d.code for d in found] == ["OFC340"]


def shape(node: Node) -> object:
    match node:
        case Scalar():
            return None
        case SequenceNode(items=items):
            return [shape(item) for item in items]
        case MappingNode(entries=entries):
            return [(e.key.text, shape(e.value)) for e in entries]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_string_never_changes_the_shape_of_the_tree(word: str, rows: str) -> None:
    loaded = with_values(word=word, rows=rows)
    assert loaded.document is not None
    assert loaded.filled is not None
    assert shape(loaded.filled) == shape(loaded.document)


GOAL = st.text(alphabet="abx15.-+*/%<>=!()[]{},'\"\\ \t", max_size=8) | st.sampled_from(
    ["on", "or", "and", "not", "x on y", "accuracy"]
)


@given(GOAL)
def test_a_goal_has_the_direction_and_the_device_that_the_spec_says(value: str) -> None:
    text = "minimize @ on server"
    if verdict("goal", text, value) != "fine":
        return
    made, one = parse("goal", text.replace("@", value)), parse("goal", text.replace("@", "x"))
    assert type(made) is type(one)
    assert made.metric.device == "server"  # type: ignore[union-attr]


@given(st.text(alphabet="ab15.-+*/%<>=!()[]{},'\"\\ ", max_size=8))
def test_a_condition_keeps_its_form(value: str) -> None:
    text = "a * 2 <= @ + 3 and not b"
    if verdict("condition", text, value) != "fine":
        return
    made = parse("condition", text.replace("@", value, 1))
    assert len(made.operands) == 2  # type: ignore[union-attr]
    assert made.operands[1] == parse("condition", "not b")  # type: ignore[union-attr]
