"""Edits that rules offer: a key behind the others, a word behind a range, another value."""

from __future__ import annotations

import re

from omniforce.spec.diagnostic import Edit
from omniforce.spec.nodes import MappingNode, Node, Scalar
from omniforce.spec.source import Span

_RANGE = re.compile(r"\s*(?:(?:int|float)\s+)?\S+?\.\.\.[^\s,]+")


def append_key(node: Node | None, text: str) -> tuple[Edit, ...]:
    """`key: value` behind the last key of a mapping, in its own style; nothing where it is none."""
    if not isinstance(node, MappingNode) or not node.entries:
        return ()
    last = node.entries[-1].value
    if isinstance(last, Scalar) and not last.exact:
        return ()  # behind a block or a placeholder the end is not where the value ends
    indent = " " * (node.entries[0].key.span.column - 1)
    return (Edit(_end(last.span), f", {text}" if node.flow else f"\n{indent}{text}"),)


def replace_value(node: Node | None, text: str) -> tuple[Edit, ...]:
    """Another value for a scalar that stands in the file as it is."""
    if not isinstance(node, Scalar) or not node.exact:
        return ()
    return (Edit(node.span, text),)


def behind_range(node: Node, word: str) -> tuple[Edit, ...]:
    """A word behind the range of a parameter in one line."""
    if not isinstance(node, Scalar) or not node.exact:
        return ()
    found = _RANGE.match(node.text)
    if found is None or node.span.line != node.span.end_line:
        return ()
    return (Edit(_end(node.inside(found.start(), found.end())), f" {word}"),)


def without_word(node: Node, word: str) -> tuple[Edit, ...]:
    """A parameter in one line without one of its words."""
    if not isinstance(node, Scalar) or not node.exact:
        return ()
    found = re.search(rf"\s+{word}\b", node.text)
    if found is None or node.span.line != node.span.end_line:
        return ()
    return (Edit(node.inside(found.start(), found.end()), ""),)


def _end(span: Span) -> Span:
    return Span(span.file, span.end_line, span.end_column, span.end_line, span.end_column)
