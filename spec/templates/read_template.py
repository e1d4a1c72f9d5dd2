"""A template's text as a tree: of the right kind, its body in the newest form of the language."""

from __future__ import annotations

import re
from typing import Final

from ..diagnostic import Diagnostic
from ..nodes import MappingNode, Scalar
from ..source import Source
from ..versions import read_document
from .document import KIND

_MEANT: Final = re.compile(r"""(?:^|\{)\s*["']?kind["']?\s*:\s*["']?Template\b""", re.MULTILINE)


def is_meant(source: Source) -> bool:
    """Whether a text says that it is a template, broken or not.

    Of any other nothing is shown: whoever writes a spec could read what they have no business with.
    """
    return _MEANT.search(source.text) is not None


def read_template(source: Source) -> tuple[MappingNode | None, tuple[Diagnostic, ...]]:
    """The document of a template, and what is wrong with it; None where it is none."""
    document, found = read_document(source)
    if document is None:
        return None, found
    kind = document.get("kind") if isinstance(document, MappingNode) else None
    if not isinstance(document, MappingNode) or not isinstance(kind, Scalar) or kind.text != KIND:
        what = f"`kind: {kind.text[:40]}`" if isinstance(kind, Scalar) else "without a `kind`"
        refused = Diagnostic(
            "OFC353",
            f"the document is no template, it is {what}",
            document.span if kind is None else kind.span,
            "expected a template",
            f"write `kind: {KIND}`, and what it brings under `spec.body`",
        )
        return None, (*found, refused)
    return document, found
