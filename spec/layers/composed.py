"""What a spec of several texts comes to, before its blocks are read."""

from __future__ import annotations

from ..diagnostic import Diagnostic
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar
from ..source import Source, Span


@dataclass(frozen=True, slots=True)
class Used:
    """A template that a spec is made of, by the name that the lock gives it."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Composed:
    """The one document of all texts.

    Attributes:
        document: with the placeholders of the spec; None where a text could not be read at all.
        found: what is wrong with how the texts lie over each other.
        sources: the other texts in their order: overlays, settings, templates.
        read: parameters that the uses of templates read.
        templates: what the spec is made of, in the order in which they are laid.
        uses: for each template's file, the place where the spec uses it.
    """

    document: Node | None
    found: tuple[Diagnostic, ...] = ()
    sources: tuple[Source, ...] = ()
    read: frozenset[str] = frozenset()
    templates: tuple[Used, ...] = ()
    uses: tuple[tuple[str, Span], ...] = ()


def use_of(document: Node) -> Node | None:
    """What a spec says of its templates."""
    spec = document.get("spec") if isinstance(document, MappingNode) else None
    return spec.get("use") if isinstance(spec, MappingNode) else None


def is_template(document: Node) -> bool:
    """Whether a document is a template, which is part of specs and none itself."""
    kind = document.get("kind") if isinstance(document, MappingNode) else None
    return isinstance(kind, Scalar) and kind.text == "Template"
