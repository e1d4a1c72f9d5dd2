"""What a template that a spec uses takes: read from where `ofc check` would find it."""

from __future__ import annotations

import os.path

from omniforce.spec.blocks.params import Param
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Scalar
from omniforce.spec.params.values import text_of
from omniforce.spec.readers import Block, Invalid, MapOf, Reading
from omniforce.spec.source import Path
from omniforce.spec.templates.document import Port
from omniforce.spec.templates.library import Opened
from omniforce.spec.templates.read_template import read_template
from omniforce.spec.templates.reference import Git, Hub, Local, Oci, parse_reference

from ..composition import LateTemplates
from .document import Document
from .shape import node_at

USE = ("spec", "use")


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that a template takes.

    Attributes:
        block: whether it is a port, which takes a block or a list.
    """

    name: str
    what: str
    doc: str
    block: bool


def taken(document: Document, path: Path) -> tuple[Taken, ...]:
    """What may stand in the `with` or `ports` at `path`; nothing where that cannot be told."""
    if path[:2] != USE or len(path) != len(USE) + 2 or path[-1] not in ("with", "ports"):
        return ()
    node = node_at(document.tree, (*path[:-1], "template"))
    reference = parse_reference(node.text) if isinstance(node, Scalar) else None
    if not isinstance(reference, Local | Git | Oci | Hub):
        return ()
    folder = os.path.dirname(document.source.name)
    opened = LateTemplates(folder).open(reference, None)
    if not isinstance(opened, Opened):
        return ()
    tree, _ = read_template(opened.source)
    spec = tree.get("spec") if tree is not None else None
    if not isinstance(spec, MappingNode):
        return ()
    return _params(spec) if path[-1] == "with" else _ports(spec)


def _params(spec: MappingNode) -> tuple[Taken, ...]:
    node = spec.get("params")
    found = MapOf(Block(Param)).read(node, (), Reading()) if node is not None else ()
    if isinstance(found, Invalid):
        return ()
    return tuple(Taken(name, param.type, _said(param), False) for name, param in found)


def _said(param: Param) -> str:
    default = param.default
    way = "Must be set." if default is None else f"Default: `{text_of(default)}`"
    return f"{param.doc}\n\n{way}".strip()


def _ports(spec: MappingNode) -> tuple[Taken, ...]:
    node = spec.get("ports")
    found = MapOf(Block(Port)).read(node, (), Reading()) if node is not None else ()
    if isinstance(found, Invalid):
        return ()
    return tuple(Taken(name, port.type, port.doc, True) for name, port in found)
