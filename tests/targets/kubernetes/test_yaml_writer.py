"""What is written reads the same by YAML 1.1 (kubectl) and by YAML 1.2, and is always the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from omniforce.targets.platforms.kubernetes.yaml_writer import scalar, write

TREACHEROUS = (
    "y", "Y", "n", "N", "yes", "No", "on", "ON", "off", "true", "False", "null", "Null", "~", "",
    "1.10", "0755", "0o17", "0x1F", "1e3", "1.5e3", "1_000", "1:30", "190:20:30", "+1", "-1", ".5",
    ".inf", "-.INF", ".nan", "=", "<<", "2026-11-24", "2026-11-24T10:00:00Z", "- a", "a: b", "a #b",
    "#a", "a:", ":a", "*a", "&a", "!a", "%a", "@a", "`a", "{a", "[a", "]", "a, b", "'", '"', "\\",
    "? a", "|", ">", "---", "...", " a", "a ", "\t", "a\tb", "a\nb", "a\n", "\na", "a\n\nb\n", "\r",
    "a\r\nb", "a\n  b\n", "  a\nb", "\u00e9", "\u0085", "\u2028", "\ufeff", "\U0001f600", "\x7f",
    "0b11", "12e03", "1.", "1e-3", "NaN", "Infinity", "none", "a" * 500, "trailing \nspace\n",
)  # fmt: skip


def _read_1_2(text: str) -> Any:
    node, diagnostics = read_yaml(Source("out.yaml", text))
    assert diagnostics == ()
    assert node is not None
    return _plain(node)


def _plain(node: Node) -> Any:
    match node:
        case MappingNode():
            return {entry.key.value: _plain(entry.value) for entry in node.entries}
        case SequenceNode():
            return [_plain(item) for item in node.items]
        case Scalar():
            return node.value


def _same(tree: dict[str, Any]) -> None:
    text = write(tree)
    assert yaml.safe_load(text) == tree
    assert _read_1_2(text) == tree
    assert write(yaml.safe_load(text)) == text


@pytest.mark.parametrize("text", TREACHEROUS)
def test_a_string_stays_a_string_as_value_item_and_key(text: str) -> None:
    _same({"value": text, "list": [text, [text], {"key": text}], "map": {f"k{text}": text}})


@pytest.mark.parametrize("text", [t for t in TREACHEROUS if "\n" not in t])
def test_a_word_that_a_reader_takes_for_something_else_is_quoted(text: str) -> None:
    resolver = yaml.SafeLoader("")
    if resolver.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str":
        assert scalar(text)[0] in "'\""


def test_y_and_n_are_quoted_for_go_though_python_reads_them_as_strings() -> None:
    words = ("y", "N", "on", "1.10", "0755", "1e3", "1:30", "~", "=", "<<")
    assert [scalar(word) for word in words] == [
        "'y'", "'N'", "'on'", "'1.10'", "'0755'", "'1e3'", "'1:30'", "'~'", "'='", "'<<'",
    ]  # fmt: skip


def test_a_quantity_is_plain_and_other_digits_are_not() -> None:
    words = ("500m", "2Gi", "30s", "1Ei", "2", "12e3", "3d", "\u0661m")
    assert [scalar(word) for word in words] == [
        "500m", "2Gi", "30s", "'1Ei'", "'2'", "'12e3'", "'3d'", '"\\u0661m"',
    ]  # fmt: skip


def test_block_style_as_kubectl_writes_it() -> None:
    tree = {
        "apiVersion": "v1",
        "data": {"script": "one\ntwo\n", "open": "one\ntwo"},
        "list": [{"name": "a", "args": ["-v", 1]}, [], {}],
        "none": None,
        "flag": True,
        "small": 1e-05,
        "empty": {},
    }
    assert write(tree) == (
        "apiVersion: v1\n"
        "data:\n"
        "  script: |\n"
        "    one\n"
        "    two\n"
        "  open: |-\n"
        "    one\n"
        "    two\n"
        "list:\n"
        "- name: a\n"
        "  args:\n"
        "  - '-v'\n"
        "  - 1\n"
        "- []\n"
        "- {}\n"
        "none: null\n"
        "flag: true\n"
        "small: 1.0e-05\n"
        "empty: {}\n"
    )
    _same(tree)


def test_what_yaml_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no word for"):
        write({"when": {1, 2}})


# YAML itself has no way to say a lone surrogate, and neither has UTF-8
TEXT = st.text(st.characters(exclude_categories=("Cs",)))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | TEXT
    | st.sampled_from(TREACHEROUS)
)
TREES = st.dictionaries(
    TEXT,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=20,
    ),
    max_size=5,
)


@given(TREES)
def test_whatever_is_written_is_what_both_versions_read(tree: dict[str, Any]) -> None:
    _same(tree)
