"""YAML 1.2, the places of values, and the limits of a file."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml


def node_of(text: str) -> Node:
    node, found = read_yaml(Source("f", text))
    assert found == ()
    assert node is not None
    return node


def codes_of(text: str) -> list[tuple[str, str]]:
    """Each finding's code and place."""
    _, found = read_yaml(Source("f", text))
    return [(d.code, str(d.span).removeprefix("f:")) for d in found]


def shown(node: Node, text: str) -> object:
    """A tree as what its spans cut out of the text."""
    lines = text.split("\n")

    def cut(node: Node) -> str:
        span = node.span
        if span.line == span.end_line:
            return lines[span.line - 1][span.column - 1 : span.end_column - 1]
        first = lines[span.line - 1][span.column - 1 :]
        last = lines[span.end_line - 1][: span.end_column - 1]
        return "\n".join([first, *lines[span.line : span.end_line - 1], last])

    match node:
        case Scalar():
            return cut(node)
        case SequenceNode(items=items):
            return [shown(i, text) for i in items]
        case MappingNode(entries=entries):
            return {cut(e.key): shown(e.value, text) for e in entries}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-4", 1e-4), ("1E+3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-1.5", -1.5),
        ("12", 12), ("+12", 12), ("0755", 755), ("0o17", 15), ("0x1F", 31), ("-0", 0),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf),
        ("true", True), ("FALSE", False), ("null", None), ("~", None), ("Null", None),
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("tRUE", "tRUE"),
        ("1_000", "1_000"), ("12:30", "12:30"), ("0b1", "0b1"), ("1e", "1e"), ("--1", "--1"),
        ("2001-12-14", "2001-12-14"), ("2...5", "2...5"), ("'1'", "1"), ('"true"', "true"),
        (".", "."), ("-.", "-."), ("0o18", "0o18"), ("1.2.3", "1.2.3"), ("\u0661", "\u0661"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    node = node_of(f"- {written}\n")
    assert isinstance(node, SequenceNode)
    (scalar,) = node.items
    assert isinstance(scalar, Scalar)
    assert scalar.value == value
    assert type(scalar.value) is type(value)


def test_not_a_number_is_a_float() -> None:
    node = node_of(".nan")
    assert isinstance(node, Scalar)
    assert isinstance(node.value, float)
    assert math.isnan(node.value)


def test_endless_digits_are_infinite_and_cost_nothing() -> None:
    node = node_of("9" * 100_000)
    assert isinstance(node, Scalar)
    assert node.value == math.inf


def test_every_value_and_key_knows_its_place() -> None:
    text = """\
a: &x  # an anchor
  some
"b c": 'it''s'   # a comment
d: {é, f: 1e-4, "g":1}
h:
  - [i, j]
  - k: |
      text

      more

  - l:
m: >-
  folded
n: *x
"""
    assert shown(node_of(text), text) == {
        "a": "some",
        '"b c"': "'it''s'",
        "d": {"é": "", "f": "1e-4", '"g"': "1"},
        "h": [
            ["i", "j"],
            {"k": "|\n      text\n\n      more"},
            {"l": ""},
        ],
        "m": ">-\n  folded",
        "n": "some",
    }


def test_blocks_end_where_their_last_value_ends() -> None:
    node = node_of("a:\n  b: 1\n  c: 2   \n\n# end\n")
    assert isinstance(node, MappingNode)
    inner = node.get("a")
    assert inner is not None
    assert (inner.span.line, inner.span.column) == (2, 3)
    assert (inner.span.end_line, inner.span.end_column) == (3, 7)


def test_a_part_of_a_text_has_its_own_place() -> None:
    def part(written: str) -> str:
        node = node_of(f"a: {written}\n")
        assert isinstance(node, MappingNode)
        value = node.get("a")
        assert isinstance(value, Scalar)
        span = value.inside(4, 7)
        return f"{span}-{span.end_column}"

    assert part("abc def") == "f:1:8-11"
    assert part('"abc def"') == "f:1:9-12"
    assert part("'ab''c def'") == "f:1:4-15"  # an escape: only the whole is exact
    assert part("abc\n  def") == "f:1:4-6"


def test_braces_and_brackets_are_told_from_blocks() -> None:
    node = node_of("a: {b, c}\nd: [2...5]\ne:\n  f: 1\n")
    assert isinstance(node, MappingNode)
    assert [getattr(e.value, "flow", None) for e in node.entries] == [True, True, False]


def test_windows_line_ends_and_a_byte_order_mark_change_no_place() -> None:
    assert codes_of("a: 1\r\nb: 2\r\na: 3\r\n") == [("OFC006", "3:1")]


def test_a_repeated_key_keeps_the_first_value_and_goes_on() -> None:
    node, found = read_yaml(Source("f", "a: 1\na: 2\nb: {c: 1, c: 2}\n"))
    assert isinstance(node, MappingNode)
    first = node.get("a")
    assert isinstance(first, Scalar)
    assert first.value == 1
    assert [(str(d.span), str(d.related[0].span)) for d in found] == [
        ("f:2:1", "f:1:1"),
        ("f:3:11", "f:3:5"),
    ]


def test_an_alias_is_the_value_that_it_names() -> None:
    node = node_of("a: &x {b: 1}\nc: *x\n")
    assert isinstance(node, MappingNode)
    assert node.get("a") is node.get("c")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 10_000, "OFC008"),
        ("- " * 10_000, "OFC008"),
        ("{a: " * 10_000, "OFC008"),
        ("\n".join(" " * i + "a:" for i in range(1000)), "OFC008"),
        ("- 1\n" * 200_000, "OFC003"),
        ("[" + "a, " * 500_000 + "]", "OFC003"),
        ("\n" * 200_000, "OFC003"),
        ("&a " * 100_000, "OFC004"),
        ("a: &a [" + "x," * 200 + "]\nb: [" + "*a," * 1000 + "]\n", "OFC009"),
        ("- &a0 []\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 200)), "OFC009"),
    ],
    ids=lambda value: value[:8],
)
def test_limits_stop_the_reading(text: str, code: str) -> None:
    assert [c for c, _ in codes_of(text)] == [code]


def test_at_most_a_hundred_findings_are_gathered() -> None:
    assert len(codes_of("{" + "a: 1, " * 1000 + "}")) == 100


@given(st.text(max_size=40))
def test_any_text_gives_a_tree_or_findings(text: str) -> None:
    node, found = read_yaml(Source("f", text))
    assert (node is None) <= bool(found)


_PIECES = (*"ab:-[]{},#&*!|>'\"%@`\n~\t ", "$(", ")", "...", "1e-4", "\n  ", ": ", "- ")


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_anything_that_looks_like_yaml_gives_a_tree_or_findings(text: str) -> None:
    node, found = read_yaml(Source("f", text))
    assert (node is None) <= bool(found)
