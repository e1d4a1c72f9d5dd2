"""The part of a document that a version's changes are about: `spec`, in a template its body."""

from __future__ import annotations

from dataclasses import replace

from ..nodes import Entry, MappingNode, Node, Scalar


def spec_body(document: MappingNode) -> Node | None:
    """What stands under `spec`, in a template under `spec.body`."""
    spec = document.get("spec")
    if not _is_template(document):
        return spec
    return spec.get("body") if isinstance(spec, MappingNode) else None


def with_spec_body(document: MappingNode, body: Node) -> MappingNode:
    """The document with another one."""
    spec = document.get("spec")
    if _is_template(document) and isinstance(spec, MappingNode):
        body = _with(spec, "body", body)
    return _with(document, "spec", body)


def _is_template(document: MappingNode) -> bool:
    kind = document.get("kind")
    return isinstance(kind, Scalar) and kind.text == "Template"


def _with(node: MappingNode, key: str, value: Node) -> MappingNode:
    entries = tuple(Entry(e.key, value) if e.key.text == key else e for e in node.entries)
    return replace(node, entries=entries)
