"""A template in the editor: its body is read as the `spec` of a study is.

    spec:                          spec:
      params: {...}                  params: {...}
      ports: {...}          =>       ports: {...}
      body:                          searchSpace: {...}
        searchSpace: {...}

Every place stays what it is; only paths are told otherwise, so that all that knows its way
through a spec knows it through a template.
"""

from __future__ import annotations

import re

from omniforce.spec.nodes import Entry, MappingNode, Node
from omniforce.spec.source import Path

SPEC = ("spec",)
BODY = ("spec", "body")
OWN = "template"
"""The first step of paths to what only a template's `spec` has."""
METADATA = "template metadata"
"""The first step of paths below a template's `metadata`."""

_KIND = re.compile(r"^kind:\s*Template\b", re.MULTILINE)


def is_template(text: str) -> bool:
    """Whether a text says that it is a template, broken or not."""
    return _KIND.search(text) is not None


def told(path: Path) -> Path:
    """The path by which a value of a template is known."""
    if path[:2] == BODY:
        return (*SPEC, *path[2:])
    if path[:1] == SPEC and path[:2] != ("spec", "params"):
        return (OWN, *path[1:])
    return (METADATA, *path[1:]) if path[:1] == ("metadata",) else path


def written(path: Path) -> Path:
    """The path in the file, from that by which a value is known."""
    if path[:1] == (OWN,):
        return (*SPEC, *path[1:])
    if path[:1] == (METADATA,):
        return ("metadata", *path[1:])
    if path[:1] == SPEC and path[:2] != ("spec", "params"):
        return (*BODY, *path[1:])
    return path


def hoisted(tree: Node) -> Node:
    """The tree with the body's blocks beside the template's own."""
    spec = tree.get("spec") if isinstance(tree, MappingNode) else None
    body = spec.get("body") if isinstance(spec, MappingNode) else None
    if not (isinstance(tree, MappingNode) and isinstance(spec, MappingNode)):
        return tree
    if not isinstance(body, MappingNode):
        return tree
    own = tuple(e for e in spec.entries if e.key.text != "body")
    whole = MappingNode((*own, *body.entries), spec.span, spec.flow)
    entries = tuple(Entry(e.key, whole) if e.value is spec else e for e in tree.entries)
    return MappingNode(entries, tree.span, tree.flow)
