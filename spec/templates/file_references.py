"""Files that a template's text names: they are its own, and never leave its folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..diagnostic import Diagnostic
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from .library import Opened, Templates

SCHEME: Final = "file:"


def confine(
    node: Node, opened: Opened, templates: Templates, report: Callable[[Diagnostic], None]
) -> Node:
    """The tree with each `file://` of the template as a path from the spec's folder.

    What a port or the user's own text says is left alone: it is told by its file.
    """
    match node:
        case Scalar():
            return _scalar(node, opened, templates, report)
        case SequenceNode(items=items):
            made = tuple(confine(item, opened, templates, report) for item in items)
            return SequenceNode(made, node.span, node.flow)
        case MappingNode(entries=entries):
            return MappingNode(
                tuple(Entry(e.key, confine(e.value, opened, templates, report)) for e in entries),
                node.span,
                node.flow,
            )


def _scalar(
    node: Scalar, opened: Opened, templates: Templates, report: Callable[[Diagnostic], None]
) -> Scalar:
    text = node.value
    if (
        not isinstance(text, str)
        or not text.lower().startswith(SCHEME)
        or node.span.file != opened.source.name
    ):
        return node
    path = text[len(SCHEME) :].removeprefix("//")
    beside = templates.beside_spec(opened, path)
    if beside is None:
        report(
            Diagnostic(
                "OFC359",
                f"`{text[:100]}` is no file of the template's own folder",
                node.span,
                "leaves the template, or is not there",
                "a template brings its own files along, named from its folder without `..`; "
                "what the user has comes by a port",
            )
        )
        return node
    return Scalar(f"file://{beside}", f"file://{beside}", node.span, False, False)
