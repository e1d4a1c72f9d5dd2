"""The body of a template: the part of a spec that it brings."""

from __future__ import annotations

from ..diagnostic import Diagnostic
from ..nodes import MappingNode


def body_of(part: MappingNode) -> tuple[MappingNode | None, tuple[Diagnostic, ...]]:
    """The body that stands in a template's `spec`, and what cannot stand in it."""
    body = part.get("body")
    if not isinstance(body, MappingNode):
        refused = Diagnostic(
            "OFC360",
            "the body of a template is a mapping, as `spec` is in a spec",
            body.span if body is not None else part.span,
            "expected a mapping",
            "write the blocks that the template brings",
        )
        return None, (refused,)
    return body, tuple(
        Diagnostic(
            "OFC360",
            f"the body of a template brings no `{entry.key.text}`",
            entry.key.span,
            "not in the body",
            f"write `{entry.key.text}` beside `body`",
        )
        for entry in body.entries
        if entry.key.text in ("params", "use")
    )
