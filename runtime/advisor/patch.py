"""Advice as edits of the spec's text, so that comments and layout stay.

learning_rate: 1e-4...1e-2 log  # as in the paper
=>
learning_rate: 1e-4...0.1 log  # as in the paper
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omniforce.spec.diagnostic import Edit
from omniforce.spec.edits import apply_edits
from omniforce.spec.nodes import Entry, MappingNode, Node, Scalar
from omniforce.spec.source import Source, Span

from .advice import Advice, Change

SPACE = ("spec", "searchSpace")
_NUMBER = r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\.\s*({_NUMBER})(?![\w.])")


@dataclass(frozen=True, slots=True)
class Patched:
    """A spec after advice.

    Attributes:
        text: of the file.
        done: the advice that could be written.
        left: the advice that could not be, or that has nothing to write.
    """

    text: str
    done: tuple[Advice, ...]
    left: tuple[Advice, ...]


def patch(source: Source, document: Node, advice: Sequence[Advice]) -> Patched:
    """The spec with everything done that can be written; what touches one place twice is left.

    Args:
        source: the spec's own file.
        document: its tree, as written.
        advice: in the order of weight.
    """
    edits, done, left = list[Edit](), list[Advice](), list[Advice]()
    for each in advice:
        made = [edit for change in each.changes for edit in _edits(source, document, change)]
        taken = {(e.span.line, e.span.column) for e in edits}
        if (
            len(made) < max(1, len(each.changes))
            or any(edit.span.file != source.name for edit in made)
            or any((edit.span.line, edit.span.column) in taken for edit in made)
        ):
            left.append(each)
            continue
        edits += made
        done.append(each)
    return Patched(apply_edits(source.text, edits), tuple(done), tuple(left))


def _edits(source: Source, document: Node, change: Change) -> Iterator[Edit]:
    """The one edit that makes a change, or none where the file is not written so."""
    if change.path[:2] == SPACE:
        found = _parameter(_at(document, SPACE), change.path[2])
        range_ = found.get("range") if isinstance(found, MappingNode) else found
        if change.end is None:  # a constant, which only the short form can be
            if isinstance(found, Scalar) and not found.inserted:
                yield Edit(found.span, change.text)
        elif (
            isinstance(range_, Scalar)
            and range_.exact
            and not range_.inserted
            and (match := _RANGE.search(range_.text))
        ):
            yield Edit(range_.inside(*match.span(1 + change.end)), change.text)
        return
    node = _at(document, change.path)
    if isinstance(node, Scalar):
        if not node.inserted and "$(" not in node.text:
            yield Edit(node.span, change.text)
        return
    if node is None:
        yield from _inserted(document, change)


def _inserted(document: Node, change: Change) -> Iterator[Edit]:
    """The change as a new key in the nearest block that is written."""
    for known in range(len(change.path) - 1, 0, -1):
        parent = _at(document, change.path[:known])
        if not isinstance(parent, MappingNode) or not parent.entries:
            continue
        first = parent.entries[0].key.span
        *outer, last = change.path[known:]
        text = f"{last}: {change.text}"
        for key in reversed(outer):
            text = f"{key}: {{{text}}}"
        after = ", " if parent.flow else "\n" + " " * (first.column - 1)
        yield Edit(_before(first), text + after)
        return


def _before(span: Span) -> Span:
    return Span(span.file, span.line, span.column, span.line, span.column)


def _at(node: Node | None, path: tuple[str, ...]) -> Node | None:
    for step in path:
        if not isinstance(node, MappingNode):
            return None
        node = node.get(step)
    return node


def _parameter(node: Node | None, name: str) -> Node | None:
    """A parameter of this name, however deep among submodules; None where there are several."""
    found = [entry.value for entry in _entries(node) if entry.key.text == name]
    return found[0] if len(found) == 1 else None


def _entries(node: Node | None) -> Iterator[Entry]:
    if isinstance(node, MappingNode):
        for entry in node.entries:
            yield entry
            yield from _entries(entry.value)
