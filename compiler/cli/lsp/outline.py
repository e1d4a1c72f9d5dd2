"""The keys of a document as a tree, for an editor's outline and for folding."""

from __future__ import annotations

from typing import Literal

from omniforce.spec.blocks.parameter import ParameterReader
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Path, Span

from .document import Document
from .mentions import DEVICES, PARAMS
from .shape import Spot, below, spot_at
from .templates import BODY, SPEC

Kind = Literal["block", "list", "value", "parameter", "params", "device", "item"]

DEPTH = 12
"""Levels that an outline has; the language has fewer, hostile files more."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A key with its value, or an item of a list.

    Attributes:
        detail: the value, where it is short.
        span: of the key and its value.
        place: of the key alone.
    """

    name: str
    kind: Kind
    detail: str
    span: Span
    place: Span
    children: tuple[Symbol, ...]


def outline(document: Document) -> tuple[Symbol, ...]:
    """The keys of a document; of a broken one, of what can be read of it."""
    tree = document.mended.tree
    if tree is None:
        return ()
    return _symbols(tree, (), spot_at((), tree), tree, 0)


def _symbols(
    node: Node, path: Path, spot: Spot, tree: Node | None, depth: int
) -> tuple[Symbol, ...]:
    if depth >= DEPTH:
        return ()
    made: list[Symbol] = []
    match node:
        case MappingNode(entries=entries):
            for entry in entries:
                here: Path = (*path, entry.key.text)
                # What a template brings is what a spec has.
                inner = spot_at(SPEC, tree) if here == BODY else below(spot, here, tree)
                place, value = entry.key.span, entry.value
                children = _symbols(value, here, inner, tree, depth + 1)
                kind, detail = _kind(here, inner, value), _short(value)
                span = _around(place, value.span)
                made.append(Symbol(entry.key.text, kind, detail, span, place, children))
        case SequenceNode(items=items):
            for i, item in enumerate(items):
                here = (*path, i)
                children = _symbols(item, here, below(spot, here, tree), tree, depth + 1)
                name = _short(item) or f"[{i}]"
                made.append(Symbol(name, "item", "", item.span, item.span, children))
        case Scalar():
            pass
    return tuple(made)


def _around(key: Span, value: Span) -> Span:
    """From a key to the end of its value, which may stand elsewhere where it is an alias."""
    if (value.line, value.column) < (key.line, key.column):
        return key
    return Span(key.file, key.line, key.column, value.end_line, value.end_column)


def _kind(path: Path, spot: Spot, value: Node) -> Kind:
    if path[:-1] == PARAMS:
        return "params"
    if path[:-1] in (DEVICES, (*BODY, "devices")):
        return "device"
    if spot.name and isinstance(spot.reader, ParameterReader):
        return "parameter"
    match value:
        case MappingNode():
            return "block"
        case SequenceNode():
            return "list"
        case Scalar():
            return "value"


def _short(node: Node) -> str:
    text = node.text if isinstance(node, Scalar) else ""
    line = text.split("\n", 1)[0]
    return line if len(line) <= 60 else f"{line[:60]}..."


def folds(document: Document) -> tuple[tuple[int, int], ...]:
    """The first and the last line of everything that spans several."""
    found: set[tuple[int, int]] = set()
    todo = list(outline(document))
    while todo:
        symbol = todo.pop()
        if symbol.span.end_line > symbol.span.line:
            found.add((symbol.span.line, symbol.span.end_line))
        todo += symbol.children
    return tuple(sorted(found))
