"""Everything that `ofc check` and `ofc lint` say of a text, saved or not.

A template and an overlay are parts of specs. Alone, they are held to the shape of what they have.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator

from omniforce.spec.blocks.study import Study, StudySpec
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.layers.overlay import PATCH
from omniforce.spec.load import in_order, load
from omniforce.spec.nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.read_source import LIMIT
from omniforce.spec.readers import Block, Reading
from omniforce.spec.source import Source
from omniforce.spec.templates.document import Template
from omniforce.spec.templates.read_template import read_template
from omniforce.spec.versions import read_document

from ...catalogue import Catalogue
from ...lint.linter import lint
from ...pipeline import compile_study
from ..composition import LateTemplates
from .templates import is_template

_HEAD = re.compile(r"^(apiVersion|kind|metadata):", re.MULTILINE)


def diagnose(source: Source, catalogue: Catalogue) -> tuple[Diagnostic, ...]:
    """The findings, in the order of the file; those of its templates as well.

    Args:
        source: as it stands in the editor; its name is its path, beside which templates are found.
        catalogue: the algorithms and strategies that there are.
    """
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > LIMIT:
        message = f"a spec may have 4 MiB, this has {size / 2**20:.0f} MiB"
        help_ = "keep data out of the spec: `data.source` names where it is"
        return (Diagnostic("OFC003", message, None, help=help_),)
    if is_template(source.text):
        return _of_template(source)
    if is_overlay(source.text):
        return _of_overlay(source)
    loaded = load(source, templates=LateTemplates(os.path.dirname(source.name)))
    return lint(loaded, compile_study(loaded, catalogue)).diagnostics


def is_overlay(text: str) -> bool:
    """Whether a text has something to lay over a spec, and nothing of what a spec begins with."""
    return _HEAD.search(text) is None and re.search(r"^spec:", text, re.MULTILINE) is not None


def _of_overlay(source: Source) -> tuple[Diagnostic, ...]:
    """What is wrong with an overlay, whatever it is laid over."""
    document, found = read_document(source)
    reading = Reading()
    if document is not None:
        reading.read(Block(Study), _without_patches(document), ())
    return in_order((*found, *_of_parts(reading, source)))


def _of_template(source: Source) -> tuple[Diagnostic, ...]:
    """What is wrong with a template, whoever uses it."""
    document, found = read_template(source)
    if document is None:
        return found
    reading, below = Reading(), Reading()
    reading.read(Block(Template), document, ())
    spec = document.get("spec")
    body = spec.get("body") if isinstance(spec, MappingNode) else None
    if isinstance(body, MappingNode):
        below.read(Block(StudySpec), body, ("spec", "body"))
    return in_order((*found, *reading.found, *_of_parts(below, source)))


def _of_parts(reading: Reading, source: Source) -> Iterator[Diagnostic]:
    """Without what is missing, and what is said of values that somebody else gives."""
    lines = source.text.split("\n")
    for each in reading.found:
        span = each.span
        if each.code == "OFC102" or span is None:
            continue
        if "$(" not in "\n".join(lines[span.line - 1 : span.end_line])[span.column - 1 :]:
            yield each


def _without_patches(node: Node) -> Node:
    """The tree without the words that say how it is laid over another."""
    match node:
        case MappingNode(entries=entries):
            made = (Entry(e.key, _without_patches(e.value)) for e in entries)
            kept = (new for old, new in zip(entries, made, strict=True) if _is_left(old, new))
            return MappingNode(tuple(kept), node.span, node.flow)
        case SequenceNode(items=items):
            values = tuple(_without_patches(item) for item in items if not _is_patch(item))
            return SequenceNode(values, node.span, node.flow)
        case Scalar():
            return node


def _is_left(old: Entry, new: Entry) -> bool:
    """Whether a key has something of its own, and not only such words."""
    return old.key.text != PATCH and (_size(new.value) > 0 or _size(old.value) == 0)


def _size(node: Node) -> int:
    match node:
        case MappingNode(entries=entries):
            return len(entries)
        case SequenceNode(items=items):
            return len(items)
        case Scalar():
            return 1


def _is_patch(node: Node) -> bool:
    """Whether a value is nothing but such a word."""
    if not isinstance(node, MappingNode) or len(node.entries) != 1:
        return False
    return node.entries[0].key.text == PATCH
